import { cva } from "class-variance-authority";

/** How a button looks, for buttons and for links that do a button's work. */
export const buttonStyle = cva(
	[
		"inline-flex shrink-0 items-center justify-center gap-2 rounded-[10px] font-semibold whitespace-nowrap select-none",
		"transition-[background-color,color,border-color,transform] duration-150 active:translate-y-px",
		"data-disabled:cursor-not-allowed data-disabled:active:translate-y-0",
	],
	{
		variants: {
			variant: {
				primary:
					"bg-safelight text-on-safelight hover:bg-safelight-deep data-disabled:bg-sunk data-disabled:text-faded data-disabled:ring-1 data-disabled:ring-inset data-disabled:ring-line",
				plain:
					"border border-edge bg-sheet text-ink hover:bg-sunk data-disabled:text-faded data-disabled:hover:bg-sheet",
				quiet: "text-ink hover:bg-sunk data-disabled:text-faded",
				danger: "border border-edge bg-sheet text-safelight hover:border-safelight hover:bg-safelight-wash",
			},
			size: {
				regular: "h-11 px-5 text-[0.9375rem]",
				large: "h-13 px-7 text-base",
				small: "h-9 px-3.5 text-sm",
				icon: "size-9 text-sm",
			},
		},
		defaultVariants: { variant: "plain", size: "regular" },
	},
);

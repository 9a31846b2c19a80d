import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./class-names";

const tones = {
	info: { icon: Info, style: "border-line bg-sheet text-ink", iconStyle: "text-faded" },
	warning: { icon: TriangleAlert, style: "border-amber/40 bg-amber-wash text-ink", iconStyle: "text-amber" },
	error: { icon: CircleAlert, style: "border-safelight/40 bg-safelight-wash text-ink", iconStyle: "text-safelight" },
} as const;

interface Props {
	readonly tone: keyof typeof tones;
	readonly title?: string;
	readonly children: ReactNode;
	/** For `aria-describedby`. */
	readonly id?: string;
	/** Default false: said aloud as soon as it appears. */
	readonly isLive?: boolean;
	readonly className?: string;
}

/** A sentence that somebody should not miss, with what to do about it. */
export function Notice({ tone, title, children, id, isLive = false, className }: Props) {
	const { icon: Icon, style, iconStyle } = tones[tone];
	return (
		<div
			id={id}
			role={isLive ? (tone === "error" ? "alert" : "status") : undefined}
			className={cn("flex gap-3 rounded-xl border px-4 py-3 text-[0.9375rem] leading-snug", style, className)}
		>
			<Icon aria-hidden className={cn("mt-0.5 size-4.5 shrink-0", iconStyle)} />
			<div className="min-w-0 space-y-1 wrap-anywhere">
				{title ? <p className="font-semibold">{title}</p> : null}
				<div>{children}</div>
			</div>
		</div>
	);
}

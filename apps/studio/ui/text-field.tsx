import type { ComponentProps } from "react";
import { useId } from "react";

interface Props extends Omit<ComponentProps<"input">, "id" | "className"> {
	readonly label: string;
	readonly hint?: string;
	/** What is wrong with the value; read out with the field. */
	readonly fault?: string | undefined;
}

/** A labelled line of text. */
export function TextField({ label, hint, fault, ...input }: Props) {
	const id = useId();
	const note = fault ?? hint;
	return (
		<div className="space-y-1.5">
			<label htmlFor={id} className="block text-sm font-semibold">
				{label}
			</label>
			<input
				{...input}
				id={id}
				aria-invalid={fault ? true : undefined}
				aria-describedby={note ? `${id}-note` : undefined}
				className="h-11 w-full rounded-[10px] border border-edge bg-sheet px-3.5 text-ink placeholder:text-faded aria-invalid:border-safelight"
			/>
			{note ? (
				<p id={`${id}-note`} className={fault ? "text-sm text-safelight" : "text-sm text-faded"}>
					{note}
				</p>
			) : null}
		</div>
	);
}

import { cn } from "@/ui/class-names";

interface Props {
	/** What is done, in percent. */
	readonly progress: number;
	/** What will be done when the step under way is; the same as `progress` where none is. */
	readonly reach: number;
	/** Of both; the step under way is the paler. */
	readonly color: string;
}

/**
 * The fill of a progress bar: what is done, and before it, paler, the step under way, which creeps towards its share of the
 * whole and never past it. How fast says nothing of how long it takes, so the number beside the bar does not follow it.
 */
export function ProgressFill({ progress, reach, color }: Props) {
	return (
		<div className="relative h-full">
			{reach > progress ? (
				<div
					// Another step begins where it is, not where the one before had crept.
					key={progress}
					data-part="under-way"
					className={cn("creeping absolute inset-y-0 left-0 rounded-full opacity-40", color)}
					style={{ "--from": `${progress}%`, "--to": `${reach}%` }}
				/>
			) : null}
			<div
				data-part="done"
				className={cn("relative h-full rounded-full transition-[width] duration-700 ease-out", color)}
				style={{ width: `${progress}%` }}
			/>
		</div>
	);
}

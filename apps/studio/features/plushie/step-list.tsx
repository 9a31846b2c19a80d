import type { StepSnapshot } from "darkroom/client";
import { Check, LoaderCircle, X } from "lucide-react";
import { cn } from "@/ui/class-names";
import { plushieSteps } from "./plushie-job";

interface Props {
	readonly steps: readonly StepSnapshot[];
	/** Whether the job goes on. */
	readonly isActive: boolean;
}

/** The five steps, each where it is: to come, under way (and at which try), done, or lost. */
export function StepList({ steps, isActive }: Props) {
	return (
		<ol aria-label="Steps" className="relative space-y-3.5">
			{plushieSteps.map(({ name, label }) => {
				const step = steps.find((candidate) => candidate.name === name);
				// While the job goes on, a lost try is only between two tries.
				const isBetween = isActive && step?.status === "failed";
				const status = isBetween ? "running" : (step?.status ?? "waiting");
				return (
					<li key={name} className="flex items-center gap-3.5">
						<Dot status={status} />
						<span className={cn("font-semibold", status === "waiting" && "font-normal text-faded")}>{label}</span>
						<span className="ml-auto flex items-center gap-2 text-right">
							{step && (isBetween || step.attempts > 1) ? (
								<span className="text-sm text-amber">
									{isBetween ? `try ${step.attempts} failed, trying again` : `try ${step.attempts}`}
								</span>
							) : null}
						</span>
						<span className="sr-only">{spoken[status]}</span>
					</li>
				);
			})}
		</ol>
	);
}

type Status = StepSnapshot["status"] | "waiting";

const spoken: Record<Status, string> = {
	waiting: "to come",
	running: "under way",
	completed: "done",
	failed: "failed",
};

function Dot({ status }: { readonly status: Status }) {
	const base = "grid size-6 shrink-0 place-items-center rounded-full";
	if (status === "completed") {
		return (
			<span aria-hidden className={cn(base, "bg-fixer-wash text-fixer")}>
				<Check className="size-3.5" strokeWidth={3} />
			</span>
		);
	}
	if (status === "running") {
		return (
			<span aria-hidden className={cn(base, "bg-safelight-wash text-safelight")}>
				<LoaderCircle className="size-4 animate-spin" />
			</span>
		);
	}
	if (status === "failed") {
		return (
			<span aria-hidden className={cn(base, "bg-safelight text-on-safelight")}>
				<X className="size-3.5" strokeWidth={3} />
			</span>
		);
	}
	return (
		<span aria-hidden className={base}>
			<span className="size-2.5 rounded-full border-2 border-edge" />
		</span>
	);
}

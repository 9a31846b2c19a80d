import { Check, LoaderCircle, Square, X } from "lucide-react";
import { cn } from "@/ui/class-names";
import { type PlushieJobSnapshot, plushieSteps } from "./plushie-job";
import { type StepState, stepState, triesWords } from "./step-state";

interface Props {
	readonly job: Pick<PlushieJobSnapshot, "status" | "steps">;
}

/** The five steps, each where it is: to come, under way (and at which try), done, stopped, or lost. */
export function StepList({ job }: Props) {
	return (
		<ol aria-label="Steps" className="relative space-y-3.5">
			{plushieSteps.map(({ name, label }) => {
				const step = job.steps.find((candidate) => candidate.name === name);
				const state = stepState(step, job.status);
				const tries = triesWords(step, job.status);
				return (
					<li key={name} className="flex items-center gap-3.5">
						<Dot state={state} />
						<span className={cn("font-semibold", state === "waiting" && "font-normal text-faded")}>{label}</span>
						<span className="ml-auto flex items-center gap-2 text-right">
							{tries ? <span className="text-sm text-amber">{tries}</span> : null}
						</span>
						<span className="sr-only">{spoken[state]}</span>
					</li>
				);
			})}
		</ol>
	);
}

const spoken: Record<StepState, string> = {
	waiting: "to come",
	running: "under way",
	completed: "done",
	stopped: "stopped",
	failed: "failed",
};

function Dot({ state }: { readonly state: StepState }) {
	const base = "grid size-6 shrink-0 place-items-center rounded-full";
	if (state === "completed") {
		return (
			<span aria-hidden className={cn(base, "bg-fixer-wash text-fixer")}>
				<Check className="size-3.5" strokeWidth={3} />
			</span>
		);
	}
	if (state === "running") {
		return (
			<span aria-hidden className={cn(base, "bg-safelight-wash text-safelight")}>
				<LoaderCircle className="size-4 animate-spin" />
			</span>
		);
	}
	if (state === "stopped") {
		return (
			<span aria-hidden className={cn(base, "bg-sunk text-faded")}>
				<Square className="size-3" fill="currentColor" />
			</span>
		);
	}
	if (state === "failed") {
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

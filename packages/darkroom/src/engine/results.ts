import type { Step } from "../core/job.ts";

/** What completed steps returned, by their names; an item of `step.map` is `name:index`. */
export type StepResults = Readonly<Record<string, unknown>>;

export function resultsOf(steps: readonly Step[]): StepResults {
	return Object.fromEntries(
		steps.filter(({ status }) => status === "completed").map(({ name, output }) => [name, output]),
	);
}

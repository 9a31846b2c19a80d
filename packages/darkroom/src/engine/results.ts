import type { Step } from "../core/job.ts";

/** What completed steps returned, by their names. */
export function resultsOf(steps: readonly Step[]): Readonly<Record<string, unknown>> {
	return Object.fromEntries(
		steps.filter(({ status }) => status === "completed").map(({ name, output }) => [name, output]),
	);
}

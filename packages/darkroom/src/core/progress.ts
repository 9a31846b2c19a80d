import type { Job, Step } from "./job.ts";
import { isActive } from "./status.ts";

/** What earlier jobs of a kind taught: how many steps they took and how long, by the median of the last ones. */
export interface KindHistory {
	readonly steps: number;
	readonly durationMs: number;
}

/** An active job shows at most this much, so that 100 always means finished. */
const almostDone = 99;

/** Steps that a job is counted against while nothing is known of its kind: rather too many, so that it does not jump. */
const guessedSteps = 10;

/**
 * 0 to 100: the share of its steps that are complete, or what the job's own code reported where that is more. The steps are counted
 * against what jobs of its kind took when it was submitted: were it what they take at the moment, others that end meanwhile would
 * make it fall. A failed job keeps the point it reached.
 */
export function progressOf(job: Job, steps: readonly Step[]): number {
	if (job.status === "completed") return 100;
	const done = steps.reduce((count, step) => count + (step.status === "completed" ? 1 : 0), 0);
	const expected = Math.max(job.expectedSteps ?? guessedSteps, done + 1);
	const share = Math.round((100 * done) / expected);
	return Math.min(almostDone, Math.max(share, job.progress ?? 0));
}

/** How long an active job will likely still take, in ms; undefined while nothing is known of its kind. */
export function etaOf(job: Job, history: KindHistory | undefined, nowMs: number): number | undefined {
	if (!history || !isActive(job.status)) return undefined;
	const elapsed = job.startedAt === null ? 0 : nowMs - job.startedAt;
	return Math.max(0, Math.round(history.durationMs - elapsed));
}

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

/** How far a job is, 0 to 100, with so many steps complete and one at this many percent, where nothing else has been said. */
export function progressWithin(
	{ expectedSteps }: Pick<Job, "expectedSteps">,
	completed: number,
	percent: number,
): number {
	const share = Math.min(100, Math.max(0, percent)) / 100;
	return (100 * (completed + share)) / Math.max(expectedSteps ?? guessedSteps, completed + 1);
}

/** A job's own pace is believed up to this many times slower than is usual: beyond that it stood still rather than worked. */
const slowestPace = 4;

/** By this much, in ms, a step may overrun twice its share of the estimate before nothing is said any more. */
const patienceMs = 5_000;

/**
 * How long an active job will likely still take, in ms; undefined while nothing is known of its kind, and when the present step
 * takes so long that nothing is known of this job: rather no estimate than one that stands still.
 *
 * What is left of its progress takes as long as usual, and the more of it is done, the more as long as this job itself
 * has been taking: `left = (1 − share) × ((1 − share) × usual + worked)`. From there it falls with the time, but not
 * below what the steps after the present one take, so that a job at a fifth of its way is never "nearly done". The time counts
 * from when something last began or ended: what lay between the death of a worker and the next attempt is no progress. A
 * reported progress within a step counts as usual work.
 */
export function etaOf(
	job: Job,
	steps: readonly Step[],
	history: KindHistory | undefined,
	nowMs: number,
): number | undefined {
	if (!history || !isActive(job.status)) return undefined;
	const usualMs = history.durationMs;
	const completed = steps.filter((step) => step.status === "completed");
	const expected = Math.max(job.expectedSteps ?? history.steps, completed.length + 1);
	const bySteps = completed.length / expected;
	const share = Math.max(bySteps, Math.min(almostDone, job.progress ?? 0) / 100);
	const reportedMs = (share - bySteps) * usualMs;
	const workedMs = Math.min(workOf(completed), slowestPace * bySteps * usualMs) + reportedMs;
	const leftMs = (1 - share) * ((1 - share) * usualMs + workedMs);
	const afterThisStep = 1 - Math.max(share, bySteps + 1 / expected);
	const leastMs = (leftMs * Math.max(0, afterThisStep)) / (1 - share);
	const spentMs = Math.max(0, sinceLastStep(job, steps, nowMs) - reportedMs);
	if (spentMs > 2 * (leftMs - leastMs) + patienceMs) return undefined;
	return Math.round(Math.max(leastMs, leftMs - spentMs));
}

/** In ms since the job or one of its steps began or ended. */
function sinceLastStep(job: Job, steps: readonly Step[], nowMs: number): number {
	if (job.startedAt === null) return 0;
	const last = steps.reduce((latest, step) => Math.max(latest, step.finishedAt ?? step.startedAt), job.startedAt);
	return nowMs - last;
}

/** How long these steps were at work, in ms: the time in which several were at once counts once, that between them not at all. */
export function workOf(completed: readonly Step[]): number {
	let worked = 0;
	let until = Number.NEGATIVE_INFINITY;
	for (const { startedAt, finishedAt } of completed) {
		if (finishedAt === null) continue;
		worked += Math.max(0, finishedAt - Math.max(startedAt, until));
		until = Math.max(until, finishedAt);
	}
	return worked;
}

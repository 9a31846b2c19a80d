import type { JobStatus, StepSnapshot } from "darkroom/client";

/** Where a step is, as its maker sees it. */
export type StepState = "waiting" | "running" | "completed" | "stopped" | "failed";

/**
 * A step keeps what it was when its worker last wrote of it; what that means is decided by its job. Nobody works on a
 * job in the queue, so nothing of it is under way; while one runs, a lost try is only between two tries; and what was
 * begun of a cancelled one has not failed: its maker stopped it.
 */
export function stepState(step: Pick<StepSnapshot, "status"> | undefined, job: JobStatus): StepState {
	if (step === undefined) return "waiting";
	if (step.status === "completed") return "completed";
	if (job === "queued") return "waiting";
	if (job === "running") return "running";
	return job === "cancelled" ? "stopped" : step.status;
}

/** What is to be said of a step's tries; undefined where the first is the only one. */
export function triesWords(step: Pick<StepSnapshot, "status" | "attempts"> | undefined, job: JobStatus) {
	if (step === undefined) return undefined;
	const isLost = step.status === "failed";
	if (isLost && job === "running") return `try ${step.attempts} failed, trying again`;
	if (isLost && job === "queued") return `try ${step.attempts} failed`;
	if (step.attempts === 1) return undefined;
	return isLost && job === "failed" ? `${step.attempts} tries` : `try ${step.attempts}`;
}

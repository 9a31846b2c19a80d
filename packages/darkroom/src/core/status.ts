/**
 * The life of a job. Everything that moves a job moves it along one of these edges, in one fenced
 * transaction of the store; whatever is not listed is refused with `invalid_transition`.
 *
 *     queued ──claim──► running ──complete──► completed
 *       ▲                 │ ├─────fail──────► failed ────┐
 *       ├──release────────┘ └─────cancel────► cancelled ─┤
 *       └──────────────────────retry────────────────────-┘
 */
export const jobStatuses = ["queued", "running", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const stepStatuses = ["running", "completed", "failed"] as const;
export type StepStatus = (typeof stepStatuses)[number];

export type JobEvent = "claim" | "release" | "complete" | "fail" | "cancel" | "retry";

const edges: Record<JobStatus, Partial<Record<JobEvent, JobStatus>>> = {
	queued: { claim: "running", fail: "failed", cancel: "cancelled" },
	running: { release: "queued", complete: "completed", fail: "failed", cancel: "cancelled" },
	completed: {},
	failed: { retry: "queued" },
	cancelled: { retry: "queued" },
};

/** Where `event` takes a job of this status, or undefined where it cannot happen. */
export function nextStatus(status: JobStatus, event: JobEvent): JobStatus | undefined {
	return edges[status][event];
}

/** Queued or running: it holds its subject, its place in the owner's limit and its credits. */
export function isActive(status: JobStatus): boolean {
	return status === "queued" || status === "running";
}

/** Completed, failed or cancelled: settled, and nothing is written any more unless it is retried. */
export function isFinal(status: JobStatus): boolean {
	return !isActive(status);
}

import type { JobRow } from "./rows.ts";
import type { DispatchTake, Run } from "./store.ts";

/** When an event that has been sent so often is sent again. */
export function sendAgainAt({ now, firstMs, mostMs }: DispatchTake, sends: number): number {
	return now + Math.min(mostMs, firstMs * 2 ** (sends - 1));
}

/** Whether the job is this run's to end: it runs under its token, or by its dispatch it is to begin or sleeps. */
export function isOfRun(
	job: Pick<JobRow, "lease_token" | "waits_for" | "change" | "sent_change">,
	{ leaseToken, dispatch }: Run,
): boolean {
	if (job.lease_token !== null) return job.lease_token === leaseToken;
	if (dispatch === null) return false;
	if (job.waits_for === "worker") return job.change === dispatch;
	return job.waits_for === "time" && job.sent_change === dispatch;
}

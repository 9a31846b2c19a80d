import type { Interruption, JobRun } from "./job-run.ts";
import { persist } from "./persist.ts";

/**
 * How much later than its host a run that waits is woken by our own sweeper: only if the host has forgotten it, or is
 * away. In ms.
 */
const hostsLeadMs = 15_000;

/**
 * Gives the worker's place back until the wait is over. Where other parts of the run are at work under the same lease,
 * the lease stays instead, for as long as the wait takes.
 */
export async function suspend(run: JobRun, until: Interruption & { readonly type: "suspended" }): Promise<void> {
	const { store, clock, logger } = run.tools;
	const { runAt, isReleased } = until;
	const wakesAt = run.host ? runAt + hostsLeadMs : runAt;
	if (isReleased) await persist(run, store.releaseJob, { ...run.lease, runAt: wakesAt, now: clock.now() });
	else await store.extendLeases([run.lease], wakesAt);
	logger.debug({ ...run.logFields, waitMs: runAt - clock.now() }, "job sleeps");
}

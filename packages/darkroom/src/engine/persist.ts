import { sleep } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import type { JobRun } from "./job-run.ts";

/** Between two tries of a write while the store is away. */
const retryEveryMs = 250;

/**
 * Writes what has happened, for as long as it takes: while the store is away the result waits here, since doing
 * the work again would buy it twice. Ends with the lease: `lease_lost` comes through, as does any other refusal.
 */
export async function persist(run: JobRun, write: () => Promise<void>): Promise<void> {
	for (;;) {
		try {
			return await write();
		} catch (error) {
			if (!isDarkroomError(error, "store_unavailable") || run.interruption) throw error;
			run.tools.logger.warn({ ...run.logFields, err: error }, "store away, trying again");
			await sleep(run.tools.clock, retryEveryMs);
		}
	}
}

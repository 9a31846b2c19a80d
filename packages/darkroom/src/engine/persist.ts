import { sleep } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import { PlaceTakenError } from "../store/store.ts";
import type { JobRun } from "./job-run.ts";

/** Between two tries of a write while the store is away. */
const retryEveryMs = 250;

/**
 * Writes what has happened, for as long as it takes: while the store is away the result waits here, since doing
 * the work again would buy it twice. Ends with the lease: `lease_lost` comes through, as does any other refusal.
 */
export async function persist<Row>(run: JobRun, write: (row: Row) => Promise<void>, row: Row): Promise<void> {
	try {
		await write(row);
	} catch (error) {
		await persistAfter(error, run, write, row);
	}
}

/**
 * The same after a first try that failed with `firstError`: for steps and ends of jobs, which are written thousands of
 * times a second and await their first try themselves, with no promise in between.
 */
export async function persistAfter<Row>(
	firstError: unknown,
	run: JobRun,
	write: (row: Row) => Promise<void>,
	row: Row,
): Promise<void> {
	for (let error = firstError; ; ) {
		if (error instanceof PlaceTakenError && run.host) return moveStep(run, write, row);
		if (!isDarkroomError(error, "store_unavailable") || run.interruption?.type === "aborted") throw error;
		run.tools.logger.warn({ ...run.logFields, err: error }, "store away, trying again");
		await sleep(run.tools.clock, retryEveryMs);
		try {
			return await write(row);
		} catch (again) {
			error = again;
		}
	}
}

/** The same to the place that its step has by now, or behind all others. */
async function moveStep<Row>(run: JobRun, write: (row: Row) => Promise<void>, row: Row): Promise<void> {
	const { name } = row as { readonly name?: string };
	const steps = await run.tools.store.listSteps(run.lease);
	const place = steps.find((step) => step.name === name)?.position ?? (steps.at(-1)?.position ?? -1) + 1;
	await persist(run, write, { ...row, position: place });
}

import { sleep } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import { PlaceTakenError } from "../store/store.ts";
import type { JobRun } from "./job-run.ts";

/** Between two tries of a write while the store is away, in ms: at first, since most outages are short, and in the end. */
const firstRetryMs = 250;
const lastRetryMs = 1_000;

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
	const { clock, logger, outage } = run.tools;
	for (let error = firstError, waitMs = firstRetryMs; ; waitMs = Math.min(lastRetryMs, 2 * waitMs)) {
		if (error instanceof PlaceTakenError && run.host) return moveStep(run, write, row);
		if (!isDarkroomError(error, "store_unavailable") || run.interruption?.type === "aborted") throw error;
		outage.explains(error, "write a result");
		logger.debug({ ...run.logFields, err: error }, "store away, trying again");
		await sleep(clock, waitMs);
		try {
			await write(row);
			return outage.answered();
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

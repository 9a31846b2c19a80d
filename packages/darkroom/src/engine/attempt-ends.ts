import { DarkroomError, toFailure } from "../core/errors.ts";
import { toRowJson } from "../core/json.ts";
import { parseNow } from "../core/schema.ts";
import { workedMs } from "./history.ts";
import type { Interruption, JobRun, RunTools } from "./job-run.ts";
import { persist, persistAfter } from "./persist.ts";
import { suspend } from "./suspend.ts";

export interface AttemptEndsOptions extends RunTools {
	/** Told of each completed job: how long it worked and in how many steps. */
	readonly onCompleted: (kind: string, durationMs: number, steps: number) => void;
}

/** How an attempt comes to its end in the store. Each rejects where the store does not take it. */
export interface AttemptEnds {
	/** The job's code has returned: completed, or failed where that is not what its definition promises. */
	finish(run: JobRun, returned: unknown): Promise<void>;
	fail(run: JobRun, error: DarkroomError): Promise<void>;
	/** Something else has ended it: nothing is written, or the job is given back. */
	interrupted(run: JobRun, interruption: Interruption): Promise<void>;
}

export function createAttemptEnds(options: AttemptEndsOptions): AttemptEnds {
	const { store, clock, logger, models } = options;

	async function finish(run: JobRun, returned: unknown): Promise<void> {
		const { job, definition, lease } = run;
		let output: unknown;
		let due: number;
		let text: string;
		try {
			const parsed = parseNow(definition.output, returned, "job's result");
			output = parsed instanceof Promise ? await parsed : parsed;
		} catch (cause) {
			const detail = `The ${job.kind} job returned something that its output schema refuses.`;
			return fail(run, new DarkroomError("invalid_output", { detail, cause }));
		}
		try {
			due = definition.capture?.({ input: job.input, output }) ?? job.price;
			text = toRowJson(output, "job's result");
		} catch (error) {
			return fail(run, models.classify(error));
		}
		run.flushProgress();
		const now = clock.now();
		const completion = { ...lease, output: text, due, now };
		try {
			await store.completeJob(completion);
		} catch (error) {
			await persistAfter(error, run, store.completeJob, completion);
		}
		const durationMs = now - (job.startedAt ?? now);
		options.onCompleted(job.kind, workedMs(run, now), run.completed);
		logger.info({ ...run.logFields, durationMs, steps: run.completed, charged: due }, "job completed");
	}

	async function fail(run: JobRun, error: DarkroomError): Promise<void> {
		run.flushProgress();
		run.failure = error;
		const now = clock.now();
		await persist(run, store.failJob, { ...run.lease, error: toFailure(error), due: 0, now });
		const durationMs = now - (run.job.startedAt ?? now);
		logger.warn({ ...run.logFields, code: error.code, durationMs, err: error }, "job failed");
	}

	async function interrupted(run: JobRun, interruption: Interruption): Promise<void> {
		if (interruption.type === "suspended") {
			await suspend(run, interruption);
		} else if (interruption.reason.code === "stopped" && run.host === null) {
			const now = clock.now();
			await store.releaseJob({ ...run.lease, runAt: now, now });
			logger.info(run.logFields, "job handed back");
		} else {
			logger.info({ ...run.logFields, code: interruption.reason.code }, "job aborted");
		}
	}

	return { finish, fail, interrupted };
}

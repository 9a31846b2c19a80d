import { DarkroomError, isDarkroomError, toFailure } from "../core/errors.ts";
import { toRowJson } from "../core/json.ts";
import { parseNow } from "../core/schema.ts";
import type { Claimed } from "../store/store.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { workedMs } from "./history.ts";
import { JobContext } from "./job-context.ts";
import { type Interruption, JobRun, type RunTools } from "./job-run.ts";
import { persist, persistAfter } from "./persist.ts";
import { outsideOfAnyRequest } from "./running-step.ts";
import type { StepHost } from "./step-host.ts";
import { suspend } from "./suspend.ts";

/**
 * The one place that runs a definition, for every engine: builds the context, runs the code, and brings the
 * attempt to its end. Whatever happens in here, the job is left completed, failed, given back, or, where the store is
 * away, under a lease that will run out; a handler that never returns only ever blocks its own promise.
 *
 *     returns ─ output valid ─ completeJob          throws ─ classify ─ failJob
 *     that itself throws ─ failJob, `internal`: under the lease it would come to the same end again and again
 *     aborted (lease lost, cancelled, deadline): nothing more is written, the store has decided already
 *     suspended (long wait), stopped: releaseJob
 */
export interface Executor {
	/** Prepares an attempt, or another call of one that a host keeps track of; `execute` runs it. */
	prepare(claimed: Claimed, host?: StepHost): JobRun;
	/** Resolves when the attempt has ended, and never rejects. A host may leave it open for ever, and call again. */
	execute(run: JobRun): Promise<void>;
}

export interface ExecutorOptions extends RunTools {
	readonly definitions: ReadonlyMap<string, AnyJobDefinition>;
	/** Told of each completed job: how long it worked and in how many steps. */
	readonly onCompleted: (kind: string, durationMs: number, steps: number) => void;
}

export function createExecutor(options: ExecutorOptions): Executor {
	const { store, clock, logger, definitions, models } = options;

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

	async function end(run: JobRun, ending: () => Promise<void>, hasEnded: () => void): Promise<void> {
		try {
			await ending();
		} catch (error) {
			// Lost lease: decided elsewhere. Store gone: the lease runs out, and the job is taken up again.
			const level = isDarkroomError(error, "lease_lost") ? "info" : "error";
			logger[level]({ ...run.logFields, err: error as Error }, "job could not be ended here");
		} finally {
			hasEnded();
		}
	}

	return {
		prepare(claimed, host) {
			const definition = definitions.get(claimed.job.kind);
			if (!definition) throw new Error(`Claimed a job of kind ${claimed.job.kind}, which is not defined here.`);
			return new JobRun(options, definition, claimed, host);
		},
		execute(run) {
			return new Promise((resolve) => {
				let hasEnded = false;
				const once = (ending: () => Promise<void>) => {
					if (hasEnded) return;
					hasEnded = true;
					void end(run, ending, resolve);
				};
				run.onInterrupt((interruption) => once(() => interrupted(run, interruption)));
				if (hasEnded) return;
				logStart(run);
				start(run).then(
					(returned) => once(() => orFail(run, () => finish(run, returned), fail)),
					(error: unknown) => once(() => orFail(run, async () => fail(run, models.classify(error)), fail)),
				);
			});
		},
	};
}

/** The end of an attempt that has an answer: what throws on the way to it fails the job. */
async function orFail(
	run: JobRun,
	ending: () => Promise<void>,
	fail: (run: JobRun, error: DarkroomError) => Promise<void>,
): Promise<void> {
	try {
		await ending();
	} catch (cause) {
		const isDecided = isDarkroomError(cause, "lease_lost") || run.interruption !== undefined;
		if (isDecided || isDarkroomError(cause, "store_unavailable")) throw cause;
		const detail = `Something went wrong while the ${run.job.kind} job was brought to its end.`;
		await fail(run, new DarkroomError("internal", { detail, cause }));
	}
}

/** Told once an attempt: a further call of a host goes on with it. */
function logStart({ host, tools, logFields }: JobRun): void {
	const level = host?.isResumed ? "debug" : "info";
	tools.logger[level](logFields, "job started");
}

/** A definition that throws before its first await rejects like any other. */
function start(run: JobRun): Promise<unknown> {
	try {
		// A host has made the request itself, and may find its own way by it.
		return Promise.resolve(run.host ? runDefinition(run) : outsideOfAnyRequest(runDefinition, run));
	} catch (error) {
		return Promise.reject(error);
	}
}

function runDefinition(run: JobRun): Promise<unknown> {
	return run.definition.run(new JobContext(run));
}

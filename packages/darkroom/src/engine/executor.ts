import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import type { Claimed } from "../store/store.ts";
import { type AttemptEndsOptions, createAttemptEnds } from "./attempt-ends.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { JobContext } from "./job-context.ts";
import { JobRun } from "./job-run.ts";
import { outsideOfAnyRequest } from "./running-step.ts";
import type { StepHost } from "./step-host.ts";

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

export interface ExecutorOptions extends AttemptEndsOptions {
	readonly definitions: ReadonlyMap<string, AnyJobDefinition>;
}

export function createExecutor(options: ExecutorOptions): Executor {
	const { logger, definitions, models } = options;
	const { finish, fail, interrupted } = createAttemptEnds(options);

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

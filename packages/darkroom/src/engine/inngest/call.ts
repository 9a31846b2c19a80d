import type { Clock } from "../../core/clock.ts";
import { DarkroomError, isDarkroomError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Store } from "../../store/store.ts";
import { never } from "../attempt-over.ts";
import type { Darkroom } from "../darkroom.ts";
import type { Executor } from "../executor.ts";
import type { JobRun } from "../job-run.ts";
import type { StepHost } from "../step-host.ts";
import type { Calls } from "./calls.ts";
import { dispatchOf, jobEvent } from "./events.ts";
import { isToComeAgain, NonRetriableError, RetryAfterError } from "./steering.ts";

/** What the SDK gives to a function, as far as it is used here. */
export interface FunctionContext {
	readonly event: unknown;
	readonly runId: string;
	readonly step: {
		run(id: string, work: () => Promise<unknown>): Promise<unknown>;
		sleepUntil(id: string, at: Date): Promise<void>;
	};
}

export interface CallParts {
	readonly darkroom: Darkroom;
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly calls: Calls;
	readonly leaseMs: number;
}

/** When a call comes again that met a database that is away, or a process that stops; in seconds. */
const comeAgainSeconds = 5;
const stoppedSeconds = 1;

/**
 * One call of a run by Inngest: of a new one, or of one whose earlier calls have brought the job so far. What the call finds
 * is decided by the store alone:
 *
 *     beginRun ── the job is this run's ─► the code runs to its next step ─► the step's work ─► result under the fence ─► …
 *        └── final, gone, another run's, waits for something: nothing to do, and the run ends
 */
export async function answerCall(parts: CallParts, { event, runId, step }: FunctionContext): Promise<unknown> {
	const { executor, logger, calls } = parts;
	const { data: asked } = jobEvent.safeParse(event);
	if (!asked) {
		// Nor would another try make it one.
		logger.warn({ runId }, "run was begun by an event that is not Darkroom's");
		return { nothingToDo: "foreign" };
	}
	calls.enter(runId);
	const lookedFor = { jobId: asked.data.jobId, leaseToken: runId, dispatch: dispatchOf(asked) };
	const begun = await begin(parts, lookedFor).catch((error: unknown) => {
		calls.leave(runId);
		throw error;
	});
	if (begun.claimed === null) {
		calls.leave(runId);
		logger.info({ jobId: asked.data.jobId, runId, reason: begun.reason }, "run has nothing to do");
		return { nothingToDo: begun.reason };
	}
	const host = new CallHost(step, calls, begun.isResumed);
	const run = executor.prepare(begun.claimed, host);
	calls.add(run);
	const ended = executor.execute(run).finally(() => calls.remove(run));
	host.attend(run, ended);
	await ended;
	const { interruption, failure } = run;
	if (host.isGivenUp) return { goesOn: "in another run" };
	// The step in which it happened has told Inngest what is to come.
	if (interruption?.type === "suspended" || (interruption && interruption.reason.code === "stopped")) return never();
	if (failure) throw new NonRetriableError(failure.message);
	return { ended: interruption ? interruption.reason.code : "completed" };
}

async function begin(
	{ darkroom, store, clock, logger, calls, leaseMs }: CallParts,
	run: Parameters<Store["readRun"]>[0],
) {
	if (calls.isClosed) throw new RetryAfterError("This process stops.", { after: stoppedSeconds });
	try {
		await darkroom.start();
		const now = clock.now();
		return await store.beginRun({ ...run, leaseExpiresAt: now + leaseMs, now });
	} catch (cause) {
		const isPassing = isDarkroomError(cause, "store_unavailable") || isDarkroomError(cause, "stopped");
		logger.warn({ jobId: run.jobId, runId: run.leaseToken, err: cause as Error }, "could not begin a run");
		if (!isPassing) throw cause;
		throw new RetryAfterError(cause.message, { after: comeAgainSeconds, cause });
	}
}

/** Carries out one call's steps by Inngest's. */
class CallHost implements StepHost {
	readonly isResumed: boolean;
	/** Whether Inngest has used up its tries of a step, each of which was told to come again. */
	isGivenUp = false;
	readonly #step: FunctionContext["step"];
	readonly #calls: Calls;
	#run: JobRun | undefined;
	#ended: Promise<void> = never();

	constructor(step: FunctionContext["step"], calls: Calls, isResumed: boolean) {
		this.#step = step;
		this.#calls = calls;
		this.isResumed = isResumed;
	}

	/** To be called before the run's code finds its first step. */
	attend(run: JobRun, ended: Promise<void>): void {
		this.#run = run;
		this.#ended = ended;
	}

	run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
		// A result of our own making, through JSON and back, as it would come from our store.
		const carriedOut = this.#step.run(name, () => this.#carryOut(name, work)) as Promise<Result>;
		return carriedOut.catch((error: unknown) => this.#giveUp(error));
	}

	/** The job is not at fault: it waits again, and another run goes on with it. */
	#giveUp(error: unknown): Promise<never> {
		if (!isToComeAgain(error)) throw error;
		const run = this.#run as JobRun;
		this.isGivenUp = true;
		run.interrupt({ type: "suspended", runAt: run.tools.clock.now(), isReleased: run.outstanding <= 1 });
		return never();
	}

	sleepUntil(name: string, at: number): Promise<void> {
		return this.#step.sleepUntil(name, new Date(at));
	}

	async #carryOut<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
		const run = this.#run as JobRun;
		try {
			return await this.#calls.work(run, name, () => Promise.race([work(), this.#ended.then(() => interrupted(run))]));
		} catch (error) {
			throw steer(error);
		}
	}
}

/** The attempt is over here, and what a step still does is nobody's any more. */
function interrupted({ interruption }: JobRun): never {
	if (interruption?.type === "suspended") {
		throw new RetryAfterError("Waits for its next try.", { after: new Date(interruption.runAt) });
	}
	const reason = interruption?.reason ?? new DarkroomError("lease_lost", { detail: "The job has ended." });
	if (reason.code !== "stopped") throw reason;
	throw new RetryAfterError(reason.message, { after: stoppedSeconds, cause: reason });
}

/** How often a step is tried, and when, is decided by our own executor; Inngest tries again only what it is told to. */
function steer(error: unknown): Error {
	if (error instanceof RetryAfterError) return error;
	return new NonRetriableError(error instanceof Error ? error.message : String(error), { cause: error });
}

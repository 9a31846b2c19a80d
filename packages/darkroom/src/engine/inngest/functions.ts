import type { Inngest, InngestFunction } from "inngest";
import { DarkroomError, type Failure, toFailure } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import type { RunEnd } from "../../store/store.ts";
import type { AnyJobDefinition } from "../define-job.ts";
import { deliveredBy } from "../delivered.ts";
import type { EngineParts } from "../engine.ts";
import { mapConcurrency } from "../job-steps.ts";
import { answerCall, type CallParts, type FunctionContext } from "./call.ts";
import {
	cancelledEvent,
	dispatchOf,
	endedEvent,
	failedEvent,
	requestedEvent,
	runCancelled,
	runFailed,
} from "./events.ts";
import { isToComeAgain } from "./steering.ts";

export interface FunctionParts extends CallParts, EngineParts {
	readonly client: Inngest.Any;
	/** How long steps may follow each other within one call, in ms. */
	readonly maxRuntimeMs: number;
}

/**
 * As many as Inngest allows. How often a step is tried is our executor's to decide; these are for calls that never reached
 * it, because the app was down or had no database.
 */
const retries = 20;
/** How much later than our own sweeper Inngest ends a run by itself, in seconds: it is only the net below. */
const netSeconds = 60;
/** Inngest's own limits of a priority, in seconds of the queue. */
const furthestPriority = 600;

/** Of the function that is nobody's job. */
const endedId = "darkroom-run-ended";

/**
 * One function for each definition, and one that hears of runs that Inngest has ended by itself.
 * @throws `misconfigured` for a kind that is the name of another function
 */
export function createFunctions(parts: FunctionParts): InngestFunction.Any[] {
	requireOwnNames([...parts.definitions.keys()]);
	return [
		...[...parts.definitions.values()].map((definition) => createJobFunction(parts, definition)),
		createEnded(parts),
	];
}

/** The SDK makes a function of each `onFailure`, and names it after the one that it is for. */
function requireOwnNames(kinds: readonly string[]): void {
	const taken = new Set([endedId, ...kinds.map((kind) => `${kind}-failure`)]);
	const clash = kinds.find((kind) => taken.has(kind));
	if (clash === undefined) return;
	const detail = `On Inngest no job's kind may be "${clash}": another function has that name.`;
	throw new DarkroomError("misconfigured", { detail });
}

function createJobFunction(parts: FunctionParts, definition: AnyJobDefinition): InngestFunction.Any {
	const { client, maxRuntimeMs } = parts;
	const { kind, runningPerOwner, priority, timeoutMs, queueTimeoutMs } = definition;
	const ofPriority = Math.max(-furthestPriority, Math.min(furthestPriority, priority));
	return client.createFunction(
		{
			id: kind,
			triggers: [{ event: requestedEvent(kind) }],
			retries,
			// Our store limits an owner's jobs. Inngest counts steps, of which a map has several at work.
			...(runningPerOwner !== null && {
				concurrency: { key: "event.data.owner", limit: runningPerOwner * mapConcurrency },
			}),
			...(priority !== 0 && { priority: { run: String(ofPriority) } }),
			// Not the run of a retry that came after the cancel, even at once, should the word of that one be late. A run of the
			// cancel's own millisecond goes on, and finds that there is nothing left to do.
			cancelOn: [{ event: cancelledEvent(kind), if: "event.data.jobId == async.data.jobId && event.ts < async.ts" }],
			timeouts: { start: laterThan(queueTimeoutMs), finish: laterThan(timeoutMs) },
			checkpointing: { maxRuntime: maxRuntimeMs, bufferedSteps: 1 },
			onFailure: ({ event, error }: { event: unknown; error: Error }) => endFailed(parts, event, error),
		},
		(context: unknown) => answerCall(parts, context as FunctionContext),
	);
}

function laterThan(ms: number): `${number}s` {
	return `${Math.ceil(ms / 1_000) + netSeconds}s`;
}

/** Inngest gave a run up. Where our executor has ended the job before, there is nothing left to do. */
async function endFailed(parts: FunctionParts, event: unknown, error: Pick<Error, "name" | "message">): Promise<void> {
	const detail = "The run of this job was given up by Inngest.";
	const failure = toFailure(new DarkroomError("worker_lost", { detail, cause: error }));
	// Where each call was told to come again, since the job's database was away, another run goes on once the lease is over.
	await end(parts, event, failure, (job) => !isToComeAgain(error) || job.waitsFor === "worker");
}

/**
 * A run that was cancelled in Inngest's dashboard, or by its timeouts: nothing else tells of it. And one that was given up, of
 * which `onFailure` is told twice only, perhaps while the database is away.
 */
function createEnded(parts: FunctionParts): InngestFunction.Any {
	const { client } = parts;
	return client.createFunction(
		{ id: endedId, triggers: [{ event: runCancelled }, { event: runFailed }], retries },
		({ event }: { event: unknown }) => {
			const { data: failed } = failedEvent.safeParse(event);
			return failed ? endFailed(parts, event, failed.data.error) : end(parts, event, "cancelled");
		},
	);
}

/** A job whose run has not begun is not ended by that: its event is sent anew. */
async function end(
	parts: FunctionParts,
	event: unknown,
	as: "cancelled" | Failure,
	concerns: (job: Job) => boolean = () => true,
): Promise<void> {
	const { darkroom, store, clock, logger, definitions } = parts;
	const parsed = endedEvent.safeParse(event);
	// Some other function's: every app that Inngest knows is told of.
	if (!parsed.success) return;
	const { run_id: leaseToken, event: begunBy } = parsed.data.data;
	await darkroom.start();
	const run = { jobId: begunBy.data.jobId, leaseToken, dispatch: dispatchOf(begunBy) };
	const found = await store.readRun(run);
	if (!found || !concerns(found.job)) return;
	const due = as === "cancelled" ? deliveredBy(found, definitions, logger) : 0;
	const ended: RunEnd = { ...run, as, due, now: clock.now() };
	if (await store.endRun(ended)) {
		logger.warn({ jobId: run.jobId, kind: found.job.kind, runId: leaseToken }, "job ended with its run in Inngest");
	}
}

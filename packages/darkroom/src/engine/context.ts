import type { Backoff } from "../core/backoff.ts";
import type { Duration } from "../core/duration.ts";
import type { DarkroomError } from "../core/errors.ts";
import type { JobSnapshot } from "../core/job.ts";
import type { LogFields } from "../core/logger.ts";
import type { BoundModels } from "../models/models.ts";
import type { StepResults } from "./results.ts";

/** What a definition's `run` is given. Code outside steps runs again on every attempt, so it must be pure. */
export interface RunContext<Input> {
	readonly input: Input;
	readonly job: RunningJob;
	readonly step: StepTools;
	readonly models: BoundModels;
	readonly assets: JobAssets;
	/** Says how far the job is, 0 to 100, and in words. Kept at most a few times a second; the last one always is. */
	progress(percent: number, message?: string): void;
	/** Aborts when the job is cancelled, passes its deadline or loses its lease. Pass it on to whatever waits. */
	readonly signal: AbortSignal;
	/** Logs with the job's id, kind, attempt and step. */
	log(message: string, fields?: LogFields): void;
}

export interface RunningJob {
	readonly id: string;
	readonly kind: string;
	/** A guest who signs up takes a running job along: from then on it is the new one. Ask for it where it is needed. */
	readonly owner: string;
	readonly subject: string | null;
	readonly attempt: number;
}

export interface StepTools {
	/**
	 * Runs `fn` once and keeps its result: on a later attempt of the job the kept result is returned and `fn` is
	 * not called. A failed try is repeated by the definition's `retry`, then the error is thrown here.
	 * The result must be JSON and small; bytes belong into assets.
	 * @param name unique within the job; a name that comes again is counted on: `draw`, `draw:2`.
	 */
	run<Result>(
		name: string,
		fn: (step: StepContext) => Result | Promise<Result>,
		options?: StepOptions,
	): Promise<Awaited<Result>>;
	/** Waits, durably: a wait of more than a few seconds gives the worker's place to another job. */
	sleep(name: string, duration: Duration): Promise<void>;
	/**
	 * For a provider that answers later: asks it, keeps its handle, and looks again and again until it is done. The result is
	 * kept as the result of a step of this name; the handle as that of a step `name:start`. The handle is durable before
	 * anything is waited for, so a later attempt of the job goes on looking, it does not ask again. A long wait between two
	 * looks gives the worker's place to another job.
	 *
	 * An owner's retry of a job that ended before the operation was done starts it anew, under another `idempotencyKey`.
	 * @param name as in `run`
	 * @throws what `start` or `check` threw in their last try; `timed_out` after `timeout`
	 */
	operation<Handle, Value>(name: string, operation: Operation<Handle, Value>): Promise<Value>;
	/**
	 * A step for each item, named `name:0`, `name:1` … so that each is kept, tried again and shown on its own.
	 * With `settle: true` nothing is thrown and the result says of each item whether it came to be.
	 */
	map<Item, Result>(
		name: string,
		items: readonly Item[],
		fn: (item: Item, index: number, step: StepContext) => Result | Promise<Result>,
		options: MapOptions & { readonly settle: true },
	): Promise<Settled<Awaited<Result>>[]>;
	map<Item, Result>(
		name: string,
		items: readonly Item[],
		fn: (item: Item, index: number, step: StepContext) => Result | Promise<Result>,
		options?: MapOptions,
	): Promise<Awaited<Result>[]>;
}

export interface StepContext {
	readonly name: string;
	/** Which try this is, from 1. */
	readonly attempt: number;
	/** The same for every try of this step of this job; give it to whatever takes an idempotency key. */
	readonly idempotencyKey: string;
	readonly signal: AbortSignal;
	/** Shows this asset with the job from now on, before it is finished. */
	preview(assetId: string): void;
}

export interface StepOptions {
	/** Default: the definition's. */
	readonly retry?: Retry;
}

export interface MapOptions extends StepOptions {
	/** Items at a time. Default 5. */
	readonly concurrency?: number;
	/** Default false: the first item that fails for good fails the whole. */
	readonly settle?: boolean;
}

/** Something that a provider does on its own time, such as a video, or a batch. */
export interface Operation<Handle, Value> {
	/**
	 * Asks the provider, and returns what it is to be asked by: its id, as JSON, and small. Never called again once the handle
	 * is kept. A crash between the provider's answer and that moment starts it anew with the same `idempotencyKey`: give that
	 * to the provider, or it may do, and charge for, the same twice.
	 */
	readonly start: (step: StepContext) => Handle | Promise<Handle>;
	/**
	 * Looks how far it is. What it throws is a failed try by `retry`: the next look comes after the backoff, or the provider's
	 * `Retry-After` when that is longer; a look that succeeds begins the count anew. Throw what makes no sense to try again,
	 * such as a `moderated`, where the provider says that it has failed.
	 */
	readonly check: (handle: Handle, step: StepContext) => OperationState<Value> | Promise<OperationState<Value>>;
	/**
	 * Tells the provider that nobody waits any more: after `timeout`, or when the job has ended before the operation was done,
	 * because it was cancelled, passed its deadline or failed otherwise. Called once, by the process that ended the job; best
	 * effort: if that one dies first nobody calls it. Not when a process merely stops, crashes or loses its lease. What it
	 * throws is logged. Where the job ended, its code is run once more, over what its steps have kept, to find this. Default:
	 * the provider is told nothing.
	 */
	readonly cancel?: (handle: Handle) => unknown;
	/**
	 * How long to wait before the next look; the number is of the look to come, from 1, and follows from how long the operation
	 * has gone on. A job that is woken for something else looks at once. On Inngest the waits grow with the number of looks:
	 * twice as long after 50 of a job, four times after 100 and so on, since a run of it has at most 1,000 steps.
	 * Default `exponential("2s", { max: "15s" })`.
	 */
	readonly every?: Backoff;
	/** How long it may take since it was started; then it is looked at once more. Default: as long as the job itself. */
	readonly timeout?: Duration;
	/** Tries of the start, and of each look. Default: the definition's. */
	readonly retry?: Retry;
}

export type OperationState<Value> =
	/** `progress` is how far the operation is, 0 to 100: the job's own moves with it, by the share of one step. */
	{ readonly done: false; readonly progress?: number } | { readonly done: true; readonly value: Value };

export type Settled<Result> =
	| { readonly ok: true; readonly value: Result }
	| { readonly ok: false; readonly error: DarkroomError };

export interface Retry {
	/** Tries of a step, the first included. Default 3. */
	readonly attempts: number;
	/** Default `exponential("1s")`. A provider's `Retry-After` is honoured when it is longer. */
	readonly backoff?: Backoff;
}

/** The owner's assets, as a job works with them: references in, references out. */
export interface JobAssets {
	/** Checks that it is the owner's and keeps it from being swept. @throws `not_found` */
	keep(assetId: string): Promise<string>;
	/** @throws `not_found` */
	read(assetId: string): Promise<AssetBytes>;
	/** Stores a picture: checked, turned upright, stripped of metadata. Returns its id. @throws as `Images.prepare` */
	save(bytes: Uint8Array): Promise<string>;
	delete(assetId: string): Promise<void>;
}

export interface AssetBytes {
	readonly id: string;
	readonly bytes: Uint8Array;
	readonly contentType: string;
}

/** What `onFailure` is given, after the job has failed and its credits are released. */
export interface FailureContext<Input> {
	readonly job: JobSnapshot;
	readonly input: Input;
	readonly error: DarkroomError;
	/** What each completed step had returned, by name. */
	readonly results: StepResults;
	readonly assets: JobAssets;
	log(message: string, fields?: LogFields): void;
}

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

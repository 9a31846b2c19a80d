import type { ErrorCode, Failure } from "./errors.ts";
import type { JobStatus, StepStatus } from "./status.ts";

/**
 * What a queued job waits for: its time (`runAt`), one of its owner's running places, or a worker.
 * Null for a job that is not queued. Only what waits for a worker is ever looked at by a claim, so a
 * saturated owner's backlog costs the others nothing.
 */
export type WaitsFor = "time" | "owner" | "worker";

/** When the hold is captured: at success, or at the first claim and given back on failure. */
export type ChargeMoment = "on-success" | "on-start";

/** A job's row, whole. All times are milliseconds since 1970. */
export interface Job {
	readonly id: string;
	readonly kind: string;
	readonly owner: string;
	readonly subject: string | null;
	readonly idempotencyKey: string | null;
	readonly status: JobStatus;
	readonly waitsFor: WaitsFor | null;
	/** Higher goes first. Default 0. */
	readonly priority: number;
	readonly runAt: number;
	readonly input: unknown;
	readonly output: unknown;
	readonly error: Failure | null;
	/** Credits asked for. */
	readonly price: number;
	/** Credits reserved and not yet resolved. */
	readonly held: number;
	/** Credits taken so far, after refunds. */
	readonly charged: number;
	readonly charge: ChargeMoment;
	/** Running jobs of this kind that the owner may have at once; null for no limit. */
	readonly runningPerOwner: number | null;
	/** How long it may run, over all attempts, from its first claim. */
	readonly timeoutMs: number;
	/** Claims so far in this life of the job, 0 before the first; a retry starts a new life. */
	readonly attempt: number;
	/** Claims that ended without an answer (the worker died) after which the job is failed. */
	readonly maxAttempts: number;
	readonly leaseToken: string | null;
	readonly leaseExpiresAt: number | null;
	/** When it is failed, finished or not: the end of its wait, and from the first claim the end of its run. */
	readonly deadlineAt: number;
	/** Steps that its progress is counted against, from its submit to its end: what jobs of its kind took then; null where nothing was known. */
	readonly expectedSteps: number | null;
	/** Reported by the job's own code, 0 to 100; null when it never said. */
	readonly progress: number | null;
	readonly message: string | null;
	/** The owner's change number of the latest change to this job or its steps; also its version. */
	readonly change: number;
	readonly createdAt: number;
	readonly startedAt: number | null;
	readonly finishedAt: number | null;
}

/** A step's row. `name` is unique within its job. */
export interface Step {
	readonly name: string;
	/** Its place among the job's steps, from 0; the same in every attempt, and no other step's. */
	readonly position: number;
	readonly status: StepStatus;
	/** Tries so far. */
	readonly attempts: number;
	readonly output: unknown;
	readonly error: Failure | null;
	/** An asset worth showing while the job goes on. */
	readonly preview: string | null;
	/** When its present or last try began: what a crash or a wait took before that was no work. */
	readonly startedAt: number;
	readonly finishedAt: number | null;
}

export interface JobWithSteps {
	readonly job: Job;
	/** In the order in which they first started. */
	readonly steps: readonly Step[];
}

/** A job as its owner sees it: the wire's `job`, with times as ISO 8601 text. */
export interface JobSnapshot<Kind extends string = string, Output = unknown> {
	readonly id: string;
	readonly kind: Kind;
	readonly status: JobStatus;
	/** 0 to 100; never falls but at a retry. */
	readonly progress: number;
	readonly message: string | null;
	readonly subject?: string;
	readonly steps: readonly StepSnapshot[];
	readonly input: unknown;
	readonly output?: Output;
	readonly error?: { readonly code: ErrorCode; readonly message: string; readonly retryable: boolean };
	readonly price: number;
	readonly charged: number;
	/** Jobs before this one, 0 for the next; only while it is queued. */
	readonly queuePosition?: number;
	/** How long it will likely still take; only while it is active and something is known. */
	readonly etaMs?: number;
	readonly attempt: number;
	readonly version: number;
	readonly createdAt: string;
	readonly startedAt?: string;
	readonly finishedAt?: string;
}

export interface StepSnapshot {
	readonly name: string;
	readonly status: StepStatus;
	readonly attempts: number;
	readonly error?: { readonly code: ErrorCode; readonly message: string; readonly retryable: boolean };
	readonly preview?: string;
}

import type { Clock } from "../core/clock.ts";
import { DarkroomError } from "../core/errors.ts";
import type { Job, Step } from "../core/job.ts";
import type { LogFields, Logger } from "../core/logger.ts";
import type { BoundModels, Models } from "../models/models.ts";
import type { Claimed, Lease, Store } from "../store/store.ts";
import type { JobAssets } from "./context.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { createProgressReporter, type ProgressReporter } from "./progress-reporter.ts";
import { currentStep, type RunningStep, type StartNotes } from "./running-step.ts";

/** What every run needs; made once by the composition root. */
export interface RunTools {
	readonly store: Store;
	readonly models: Models;
	readonly clock: Clock;
	readonly logger: Logger;
	/** The owner's assets, as one job works with them; `onSaved` is told of each asset it stores. */
	readonly assetsOf: (
		job: { readonly id: string; readonly owner: string },
		onSaved: (assetId: string) => void,
	) => JobAssets;
	/** A chance in [0, 1), for the jitter of waits. */
	readonly random: () => number;
	/** A wait at least this long gives the worker's place back. */
	readonly longWaitMs: number;
	readonly startNotes: StartNotes;
	/** Asks the store whether this process still holds its leases; a run that lost its own is interrupted. */
	readonly confirmLeases: () => Promise<void>;
}

/** How a run can end without an answer of its own. */
export type Interruption =
	| { readonly type: "aborted"; readonly reason: DarkroomError }
	| { readonly type: "suspended"; readonly runAt: number };

/**
 * One attempt of a job, from claim to end: its lease, its signal, and what its code sees. Parts that most
 * jobs never touch (signal, models, assets) are made when they are first asked for.
 */
export class JobRun {
	readonly job: Job;
	readonly steps: readonly Step[];
	readonly definition: AnyJobDefinition;
	readonly lease: Lease;
	readonly tools: RunTools;
	/** When the lease is over unless it was extended meanwhile; ms since 1970. */
	leaseExpiresAt: number;
	/** Steps of this attempt that are running now. */
	inFlight = 0;
	/** Steps that completed, in this attempt or before. */
	completed = 0;
	#interruption: Interruption | undefined;
	#onInterrupt: ((interruption: Interruption) => void) | undefined;
	#controller: AbortController | undefined;
	#models: BoundModels | undefined;
	#assets: JobAssets | undefined;
	#reporter: ProgressReporter | undefined;

	constructor(tools: RunTools, definition: AnyJobDefinition, claimed: Claimed) {
		const { job, steps } = claimed;
		if (job.leaseToken === null) throw new Error(`Job ${job.id} is not claimed.`);
		this.tools = tools;
		this.definition = definition;
		this.job = job;
		this.steps = steps;
		this.leaseExpiresAt = job.leaseExpiresAt ?? Number.POSITIVE_INFINITY;
		this.lease = { jobId: job.id, leaseToken: job.leaseToken, owner: job.owner, kind: job.kind };
	}

	get signal(): AbortSignal {
		if (!this.#controller) {
			this.#controller = new AbortController();
			if (this.#interruption) this.#controller.abort(reasonOf(this.#interruption));
		}
		return this.#controller.signal;
	}

	get interruption(): Interruption | undefined {
		return this.#interruption;
	}

	/** Ends the attempt from outside (`aborted`) or from within (`suspended`); the first one counts. */
	interrupt(interruption: Interruption): void {
		if (this.#interruption) return;
		this.#interruption = interruption;
		this.#controller?.abort(reasonOf(interruption));
		this.#onInterrupt?.(interruption);
	}

	onInterrupt(listener: (interruption: Interruption) => void): void {
		if (this.#interruption) listener(this.#interruption);
		else this.#onInterrupt = listener;
	}

	get models(): BoundModels {
		this.#models ??= this.tools.models.bind(() => ({
			signal: this.signal,
			idempotencyKey: currentStep.getStore()?.idempotencyKey ?? this.job.id,
		}));
		return this.#models;
	}

	get assets(): JobAssets {
		this.#assets ??= this.tools.assetsOf(this.job, (assetId) => currentStep.getStore()?.save(assetId));
		return this.#assets;
	}

	get progress(): ProgressReporter {
		this.#reporter ??= createProgressReporter(this);
		return this.#reporter;
	}

	/** Hands on what the reporter still holds back. */
	flushProgress(): void {
		this.#reporter?.flush();
	}

	log(message: string, fields: LogFields = {}): void {
		this.tools.logger.info({ ...this.logFields, ...fields }, message);
	}

	logStep(level: "debug" | "warn", step: RunningStep, message: string, err?: Error): void {
		const { logger, clock } = this.tools;
		if (logger.isLevelEnabled?.(level) === false) return;
		const durationMs = clock.now() - step.startedAt;
		logger[level]({ ...this.logFields, step: step.name, stepAttempt: step.attempt, durationMs, err }, message);
	}

	get logFields(): LogFields {
		return { jobId: this.job.id, kind: this.job.kind, attempt: this.job.attempt };
	}
}

function reasonOf(interruption: Interruption): DarkroomError {
	if (interruption.type === "aborted") return interruption.reason;
	return new DarkroomError("lease_lost", { detail: "The job sleeps and goes on later." });
}

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
import type { StepHost } from "./step-host.ts";
import type { StoreOutage } from "./store-outage.ts";

/** A job that runs, to those who work for its owner: whose it is may change meanwhile. */
export interface HeldJob {
	/** With the owner that was heard of last. */
	readonly lease: Lease;
	/** Asks the store whose the job is now. @throws `store_unavailable` */
	lookAfterLease(): Promise<void>;
}

/** What every run needs; made once by the composition root. */
export interface RunTools {
	readonly store: Store;
	readonly models: Models;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly outage: StoreOutage;
	/** The owner's assets, as one job works with them; `onSaved` is told of each asset it stores. */
	readonly assetsOf: (job: HeldJob, onSaved: (assetId: string) => void) => JobAssets;
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
	| {
			readonly type: "suspended";
			/** When it goes on, ms since 1970. */
			readonly runAt: number;
			/** False where other parts of the run are at work elsewhere under the same lease, which then stays. */
			readonly isReleased: boolean;
	  };

/**
 * One attempt of a job, from claim to end: its lease, its signal, and what its code sees. Parts that most
 * jobs never touch (signal, models, assets) are made when they are first asked for.
 */
export class JobRun implements HeldJob {
	/** Its owner is the one that the worker has heard of last. */
	readonly job: Job & { owner: string };
	readonly steps: readonly Step[];
	readonly definition: AnyJobDefinition;
	#lease: Lease;
	readonly tools: RunTools;
	/** Null: everything is done here and now. */
	readonly host: StepHost | null;
	/** When this attempt began here, ms since 1970. */
	readonly claimedAt: number;
	/** When the lease is over unless it was extended meanwhile; ms since 1970. */
	leaseExpiresAt: number;
	/** Steps of this attempt that are running now. */
	inFlight = 0;
	/** Steps and sleeps that were handed to the host in this call and have not come back. */
	outstanding = 0;
	/** Looks at operations that were handed to the host in this run, by what is known in this call. */
	hostedChecks = 0;
	/**
	 * Set where the job has ended, and its code is run once more for the operations that it has left with their providers:
	 * called with the way to cancel each.
	 */
	onAbandoned: ((cancel: () => unknown) => void) | undefined;
	/** Why the job failed, once it has in this attempt. */
	failure: DarkroomError | undefined;
	/** Steps that completed, in this attempt or before. */
	completed = 0;
	#interruption: Interruption | undefined;
	#onInterrupt: ((interruption: Interruption) => void) | undefined;
	#controller: AbortController | undefined;
	#models: BoundModels | undefined;
	#assets: JobAssets | undefined;
	#reporter: ProgressReporter | undefined;

	constructor(tools: RunTools, definition: AnyJobDefinition, claimed: Claimed, host: StepHost | null = null) {
		const { job, steps } = claimed;
		if (job.leaseToken === null) throw new Error(`Job ${job.id} is not claimed.`);
		this.tools = tools;
		this.host = host;
		this.definition = definition;
		this.job = job;
		this.steps = steps;
		this.claimedAt = tools.clock.now();
		this.leaseExpiresAt = job.leaseExpiresAt ?? Number.POSITIVE_INFINITY;
		this.#lease = { jobId: job.id, leaseToken: job.leaseToken, owner: job.owner, kind: job.kind };
	}

	/** As it is to be named to the store now. */
	get lease(): Lease {
		return this.#lease;
	}

	/** The job has become another owner's, and goes on: what is in flight is not begun anew. */
	moveTo(owner: string): void {
		if (owner === this.job.owner) return;
		this.job.owner = owner;
		this.#lease = { ...this.#lease, owner };
		this.tools.logger.info(this.logFields, "job goes on for another owner");
	}

	/** The lease is another's, or nobody's: nothing more can be written. @param detail what happened, after the job's name */
	loseLease(detail: string): void {
		const reason = new DarkroomError("lease_lost", { detail: `Job ${this.job.id} ${detail}` });
		this.interrupt({ type: "aborted", reason });
	}

	async lookAfterLease(): Promise<void> {
		const { lease } = this;
		this.found((await this.tools.store.findOwners([lease])).get(lease.leaseToken), lease);
	}

	/** Takes in what the store has said of the lease as it was `asked`: whose the job is, undefined where the lease is lost. */
	found(owner: string | undefined, asked: Lease): void {
		if (owner === undefined) this.loseLease("is no longer this worker's.");
		// An answer that was overtaken by news of a later owner says nothing.
		else if (this.#lease === asked) this.moveTo(owner);
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
		this.#assets ??= this.tools.assetsOf(this, (assetId) => currentStep.getStore()?.save(assetId));
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

	logStep(level: "info" | "warn", step: RunningStep, message: string, err?: Error): void {
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

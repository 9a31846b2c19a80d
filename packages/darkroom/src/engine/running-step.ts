import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock, Defer } from "../core/clock.ts";
import { type DarkroomError, isDarkroomError } from "../core/errors.ts";
import type { Lease, StepCompletion, Store } from "../store/store.ts";
import type { StepContext } from "./context.ts";
import type { StoreOutage } from "./store-outage.ts";

/** The step whose code is running, wherever it awaits: how a model call learns its key, and a saved asset its step. */
export const currentStep = new AsyncLocalStorage<RunningStep>();

/**
 * Runs a job's code outside of whatever asked for it: the request, or another job's step, that submitted it must neither be seen by
 * it, as another attempt would not see them, nor be kept alive by it.
 */
export const outsideOfAnyRequest = AsyncLocalStorage.snapshot();

/** What a step needs of the attempt that it is part of. */
export interface StepRun {
	readonly job: { readonly id: string };
	readonly lease: Lease;
	readonly signal: AbortSignal;
	readonly tools: {
		readonly store: Pick<Store, "startStep">;
		readonly clock: Clock;
		readonly outage: Pick<StoreOutage, "explains">;
		readonly startNotes: StartNotes;
	};
	/** Set when the attempt has ended: nothing of its steps is written any more. */
	readonly interruption: object | undefined;
	interrupt(interruption: { readonly type: "aborted"; readonly reason: DarkroomError }): void;
}

/** One try of a step: what its code sees, and what will be written of it. */
export class RunningStep implements StepContext {
	readonly run: StepRun;
	readonly name: string;
	readonly position: number;
	readonly attempt: number;
	readonly startedAt: number;
	/** Assets it stored so far: kept together with its completion. */
	saved: readonly string[] = none;
	previewed: string | null = null;
	/** Its code has returned or thrown. */
	isOver = false;

	constructor(run: StepRun, name: string, position: number, attempt: number, startedAt: number) {
		this.run = run;
		this.name = name;
		this.position = position;
		this.attempt = attempt;
		this.startedAt = startedAt;
	}

	get idempotencyKey(): string {
		return `${this.run.job.id}:${this.name}`;
	}

	get signal(): AbortSignal {
		return this.run.signal;
	}

	/** A function of its own, so that it can be taken out of the context. */
	get preview() {
		return (assetId: string): void => {
			this.previewed = assetId;
			// Its row is written anew, for those who watch.
			this.run.tools.startNotes.add(this);
		};
	}

	save(assetId: string): void {
		this.saved = [...this.saved, assetId];
	}

	toCompletion(output: string): StepCompletion {
		const { jobId, leaseToken, owner, kind } = this.run.lease;
		return {
			jobId,
			leaseToken,
			owner,
			kind,
			name: this.name,
			position: this.position,
			attempts: this.attempt,
			startedAt: this.startedAt,
			output,
			preview: this.previewed,
			keeps: this.saved,
			now: this.run.tools.clock.now(),
		};
	}
}

const none: readonly string[] = [];

/**
 * Writes that a step has begun, or has something to show, for those who watch; nobody waits for it. Only for steps that
 * are still at work when the turn of the event loop ends: the others' one row is their completion.
 */
export class StartNotes {
	#fresh: RunningStep[] = [];
	readonly #write = () => this.#writeStarts();
	readonly #defer: Defer;

	constructor(defer: Defer) {
		this.#defer = defer;
	}

	add(step: RunningStep): void {
		if (this.#fresh.length === 0) this.#defer(this.#write);
		this.#fresh.push(step);
	}

	#writeStarts(): void {
		const fresh = this.#fresh;
		this.#fresh = [];
		for (const step of fresh) {
			if (step.isOver || step.run.interruption) continue;
			const { run, name, position, attempt: attempts, previewed: preview, startedAt: now } = step;
			run.tools.store.startStep({ ...run.lease, name, position, attempts, preview, now }).catch((error: unknown) => {
				if (isDarkroomError(error, "lease_lost")) run.interrupt({ type: "aborted", reason: error });
				// Any other trouble its completion meets, too, and tells.
				else run.tools.outage.explains(error, "note that a step began");
			});
		}
	}
}

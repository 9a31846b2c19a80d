import type { Clock } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { HeldRuns } from "../held-runs.ts";
import type { JobRun } from "../job-run.ts";

/** What is known of one call of a run. */
interface Activity {
	/** Steps whose work is going on. */
	working: number;
	/** When it last was at work, ms since 1970. */
	lastAt: number;
}

/** What the calls of one run share: a call that comes twice has the first one's result. */
interface SharedWork {
	/** Calls that are under way. */
	calls: number;
	/**
	 * By step. Kept also when it is done: another call may have looked at what is complete before that, and would do it
	 * again.
	 */
	readonly work: Map<string, Promise<unknown>>;
}

/**
 * The calls that Inngest makes of runs in this process. The SDK leaves a call in the middle when the next part is to come in
 * another, and says so to nobody: so a call counts as over when all that it waits for is Inngest's for a while, and its
 * lease is no longer extended.
 */
export class Calls {
	readonly #held: HeldRuns;
	readonly #clock: Clock;
	readonly #idleMs: number;
	readonly #calls = new Map<JobRun, Activity>();
	readonly #runs = new Map<string, SharedWork>();
	/** Calls that have come to an end; all others may go on, even when they were taken for left. */
	readonly #over = new WeakSet<JobRun>();
	readonly #going = new Set<Promise<unknown>>();
	#isClosed = false;
	readonly #onIdle = new Set<() => void>();

	constructor(held: HeldRuns, clock: Clock, leaseMs: number) {
		this.#held = held;
		this.#clock = clock;
		this.#idleMs = leaseMs / 3;
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** A call of this run has come. To be called before the store is asked what is complete. */
	enter(runId: string): void {
		const shared = this.#runs.get(runId);
		if (shared) shared.calls++;
		else this.#runs.set(runId, { calls: 1, work: new Map() });
	}

	/** A call is over, or has found nothing to do. */
	leave(runId: string): void {
		const shared = this.#runs.get(runId);
		if (shared && --shared.calls === 0) this.#runs.delete(runId);
	}

	/** The call that has entered works for its job from now on, and leaves when it is removed. */
	add(run: JobRun): void {
		this.#calls.set(run, { working: 0, lastAt: this.#clock.now() });
		this.#held.add(run);
	}

	remove(run: JobRun): void {
		this.#over.add(run);
		this.#drop(run);
		if (!run.interruption) this.#dropLeft(run.lease.leaseToken);
	}

	/** The run's job has ended, and its earlier calls, which the SDK has left, have no lease to lose any more. */
	#dropLeft(runId: string): void {
		for (const [run, { working }] of this.#calls) {
			if (working === 0 && run.outstanding > 0 && run.lease.leaseToken === runId) this.#drop(run);
		}
	}

	#drop(run: JobRun): void {
		if (!this.#calls.delete(run)) return;
		this.#held.remove(run);
		this.leave(run.lease.leaseToken);
	}

	/** Carries out a step's work, once however many calls ask for it at the same time. */
	async work<Result>(run: JobRun, name: string, work: () => Promise<Result>): Promise<Result> {
		const { leaseToken } = run.lease;
		// One that seemed to be left, and only waited long for an answer of Inngest's.
		if (!this.#calls.has(run) && !this.#over.has(run)) {
			this.enter(leaseToken);
			this.add(run);
		}
		const shared = this.#runs.get(leaseToken)?.work;
		const known = shared?.get(name);
		if (known) return known as Promise<Result>;
		const begun = this.#begin(run, work);
		shared?.set(name, begun);
		this.#going.add(begun);
		try {
			return await begun;
		} catch (error) {
			// Inngest is told when to ask again.
			shared?.delete(name);
			throw error;
		} finally {
			this.#going.delete(begun);
			if (this.#going.size === 0) for (const tell of this.#onIdle) tell();
		}
	}

	async #begin<Result>(run: JobRun, work: () => Promise<Result>): Promise<Result> {
		const activity = this.#calls.get(run);
		if (activity) activity.working++;
		try {
			return await work();
		} finally {
			if (activity) {
				activity.working--;
				activity.lastAt = this.#clock.now();
			}
		}
	}

	/** To be called before leases are extended. */
	forgetIdle(): void {
		const before = this.#clock.now() - this.#idleMs;
		for (const [run, { working, lastAt }] of this.#calls) {
			if (working === 0 && run.outstanding > 0 && lastAt < before) this.#drop(run);
		}
	}

	/** Takes on no more, and resolves when no work is going on, or after `graceMs`; then what is left is told to stop. */
	async close(graceMs: number): Promise<void> {
		this.#isClosed = true;
		if (this.#going.size > 0 && graceMs > 0) await this.#idle(graceMs);
		const detail = "This process stops; the job goes on with another.";
		for (const run of this.#calls.keys()) {
			run.interrupt({ type: "aborted", reason: new DarkroomError("stopped", { detail }) });
		}
		await Promise.allSettled(this.#going);
	}

	#idle(graceMs: number): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				this.#onIdle.delete(done);
				cancel();
				resolve();
			};
			const cancel = this.#clock.after(graceMs, done);
			this.#onIdle.add(done);
		});
	}
}

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
	/** Work by run and step: a call that comes twice waits for the first one's work. */
	readonly #work = new Map<string, Promise<unknown>>();
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

	add(run: JobRun): void {
		this.#calls.set(run, { working: 0, lastAt: this.#clock.now() });
		this.#held.add(run);
	}

	remove(run: JobRun): void {
		if (this.#calls.delete(run)) this.#held.remove(run);
	}

	/** Carries out a step's work, once however many calls ask for it at the same time. */
	async work<Result>(run: JobRun, name: string, work: () => Promise<Result>): Promise<Result> {
		const key = `${run.lease.leaseToken} ${name}`;
		const going = this.#work.get(key);
		if (going) return going as Promise<Result>;
		const begun = this.#begin(run, work).finally(() => {
			this.#work.delete(key);
			if (this.#work.size === 0) for (const tell of this.#onIdle) tell();
		});
		this.#work.set(key, begun);
		return begun;
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
			if (working === 0 && run.outstanding > 0 && lastAt < before) this.remove(run);
		}
	}

	/** Takes on no more, and resolves when no work is going on, or after `graceMs`; then what is left is told to stop. */
	async close(graceMs: number): Promise<void> {
		this.#isClosed = true;
		if (this.#work.size > 0 && graceMs > 0) await this.#idle(graceMs);
		const detail = "This process stops; the job goes on with another.";
		for (const run of this.#calls.keys()) {
			run.interrupt({ type: "aborted", reason: new DarkroomError("stopped", { detail }) });
		}
		await Promise.allSettled(this.#work.values());
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

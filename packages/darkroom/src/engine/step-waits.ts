import { sleep } from "../core/clock.ts";
import { type DarkroomError, isDarkroomError } from "../core/errors.ts";
import type { Step } from "../core/job.ts";
import { endsForLostLease, never } from "./attempt-over.ts";
import type { Retry } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import type { StepHost } from "./step-host.ts";
import { suspend } from "./suspend.ts";

/** The chance in [0, 1) that makes the shortest wait. */
const leastChance = 1 - Number.EPSILON;

/** Waits of one attempt: short ones are waited here, long ones give the place back. */
export class StepWaits {
	readonly #run: JobRun;
	/** When the waits that are waited here are over. Most jobs wait for nothing. */
	#waitsUntil: Set<number> | undefined;
	/** Set when the place has been given back for a wait of the host's: others that begin in the same call find it so. */
	#released: Promise<void> | undefined;

	constructor(run: JobRun) {
		this.#run = run;
	}

	/** The wait after a failed try. */
	after(failure: DarkroomError, attempt: number, retry: Retry | undefined): Promise<void> {
		const { random } = this.#run.tools;
		const backoff = retry?.backoff ?? this.#run.definition.retry.backoff;
		return this.wait(Math.max(backoff(attempt, random()), failure.retryAfterMs ?? 0));
	}

	/** What is left of the wait after a try of an earlier attempt: that one may have ended before the wait did. */
	async rest({ attempts, error, finishedAt }: Step, retry: Retry | undefined): Promise<void> {
		const { clock } = this.#run.tools;
		const backoff = retry?.backoff ?? this.#run.definition.retry.backoff;
		// The shortest that jitter can have made of it, so that nobody waits longer than the first time.
		const waitMs = Math.max(backoff(attempts, leastChance), error?.retryAfterMs ?? 0);
		const restMs = (finishedAt ?? 0) + waitMs - clock.now();
		if (restMs > 0) await this.wait(restMs);
	}

	/**
	 * A short wait is waited here; a long one gives the place back, unless other steps are still at work. Of several
	 * waits the first to end decides.
	 */
	async wait(waitMs: number): Promise<void> {
		const run = this.#run;
		const { clock, longWaitMs } = run.tools;
		const now = clock.now();
		const endsAt = now + waitMs;
		this.#waitsUntil ??= new Set();
		const runAt = Math.min(endsAt, ...this.#waitsUntil);
		// A host calls for each step on its own, so the others' waits and work are not in the way; but they need the lease.
		const isAlone = run.host ? run.outstanding <= 1 : run.inFlight === 0;
		if (runAt - now >= longWaitMs && (isAlone || run.host)) {
			run.flushProgress();
			run.interrupt({ type: "suspended", runAt, isReleased: isAlone });
			return never();
		}
		this.#waitsUntil.add(endsAt);
		await sleep(clock, waitMs, run.signal).catch((error: unknown) => {
			if (run.interruption) return never<void>();
			throw error;
		});
		this.#waitsUntil.delete(endsAt);
		if (await this.#wasTakenAway()) return never();
	}

	/** The host calls again when the time has come. Meanwhile a long wait gives the place to another job. */
	async through(host: StepHost, unique: string, endsAt: number): Promise<void> {
		const run = this.#run;
		const until = { type: "suspended", runAt: endsAt } as const;
		const isLong = endsAt - run.tools.clock.now() >= run.tools.longWaitMs;
		run.flushProgress();
		try {
			if (isLong && run.outstanding === 0) this.#released ??= suspend(run, { ...until, isReleased: true });
			await (this.#released ?? suspend(run, { ...until, isReleased: false }));
		} catch (error) {
			if (endsForLostLease(run, error)) return never();
			throw error;
		}
		run.outstanding++;
		await host.sleepUntil(unique, endsAt);
		run.outstanding--;
	}

	/** Asked after a wait: by another's clock the lease may have run out in it, and what comes next may be done and paid for. */
	async #wasTakenAway(): Promise<boolean> {
		const run = this.#run;
		try {
			await run.lookAfterLease();
		} catch (error) {
			// As long as the store is away, the lease is over when its time is.
			if (!isDarkroomError(error, "store_unavailable")) throw error;
		}
		return run.interruption !== undefined;
	}
}

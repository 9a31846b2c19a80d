import { sleep } from "../core/clock.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { DarkroomError, isDarkroomError, toFailure } from "../core/errors.ts";
import type { Step } from "../core/job.ts";
import { toRowJson } from "../core/json.ts";
import type { MapOptions, Retry, Settled, StepContext, StepOptions, StepTools } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import { persist, persistAfter } from "./persist.ts";
import { currentStep, RunningStep } from "./running-step.ts";
import type { StepHost } from "./step-host.ts";
import { suspend } from "./suspend.ts";

/** The chance in [0, 1) that makes the shortest wait. */
const leastChance = 1 - Number.EPSILON;

const none: ReadonlyMap<string, Step> = new Map();
const noPlaces: ReadonlySet<number> = new Set();

/** A promise for code that must not go on: the attempt it belongs to has ended, and nobody waits for it. */
function never<Result>(): Promise<Result> {
	return new Promise(() => {});
}

/**
 * Steps of one attempt. What an earlier attempt completed is answered from its row; anything else is run, its
 * result committed, and only then handed to the job's code, so that code never acts on a result that could be lost.
 *
 *     run(name) ─ kept? ──yes──► kept result
 *                  │ no
 *                  ▼        fails: row, wait (backoff or Retry-After), again
 *                start ─► fn ──────────────► out of tries, or not worth another: throw
 *                          │ returns
 *                          ▼
 *                     completeStep (fenced, durable) ─► result
 */
export class JobSteps implements StepTools {
	readonly #run: JobRun;
	/** Of earlier attempts; most jobs have none. */
	readonly #kept: ReadonlyMap<string, Step>;
	readonly #names = new Map<string, number>();
	/** When the waits that are waited here are over. Most jobs wait for nothing. */
	#waitsUntil: Set<number> | undefined;
	/** Places of items of a map that are not begun yet. */
	#reserved: Map<string, number> | undefined;
	/** Places of what earlier attempts kept. */
	readonly #taken: ReadonlySet<number>;
	/** Steps that the code has found so far, with those that are kept: it finds them in the same order each time. */
	#found = 0;

	constructor(run: JobRun) {
		this.#run = run;
		const { steps } = run;
		this.#kept = steps.length === 0 ? none : new Map(steps.map((step) => [step.name, step]));
		this.#taken = steps.length === 0 ? noPlaces : new Set(steps.map(({ position }) => position));
		run.completed = steps.filter((step) => step.status === "completed").length;
	}

	run<Result>(
		name: string,
		fn: (step: StepContext) => Result | Promise<Result>,
		options?: StepOptions,
	): Promise<Awaited<Result>> {
		return this.#runUnique(this.#unique(name), fn, options);
	}

	#runUnique<Result>(
		unique: string,
		fn: (step: StepContext) => Result | Promise<Result>,
		options: StepOptions | undefined,
	): Promise<Awaited<Result>> {
		const { host } = this.#run;
		const kept = this.#kept.get(unique);
		const position = this.#placeOf(unique, kept);
		if (kept?.status === "completed") return Promise.resolve(kept.output as Awaited<Result>);
		if (this.#run.interruption) return never();
		const lost = kept && this.#lostForGood(kept, options?.retry);
		if (lost) return Promise.reject(lost);
		if (!host) return this.#try(unique, position, fn, kept, options?.retry) as Promise<Awaited<Result>>;
		const work = () => this.#try(unique, position, fn, kept, options?.retry) as Promise<Awaited<Result>>;
		return this.#through(host, unique, work);
	}

	/** A step keeps its place; a new one has the number by which the code finds it, unless that is taken. */
	#placeOf(unique: string, kept: Step | undefined): number {
		const reserved = this.#reserved?.get(unique);
		if (!kept) return reserved ?? this.#nextPlace();
		if (reserved === undefined) this.#found++;
		return kept.position;
	}

	#nextPlace(): number {
		while (this.#taken.has(this.#found)) this.#found++;
		return this.#found++;
	}

	async #through<Result>(host: StepHost, unique: string, work: () => Promise<Result>): Promise<Result> {
		this.#run.outstanding++;
		try {
			return await host.run(unique, work);
		} finally {
			this.#run.outstanding--;
		}
	}

	/** A step that an earlier attempt gave up on is not tried again by the next one; only an owner's retry does that. */
	#lostForGood({ status, attempts, error }: Step, retry: Retry | undefined): DarkroomError | undefined {
		if (status !== "failed" || error === null) return undefined;
		const mayTryAgain = error.retryable && attempts < (retry ?? this.#run.definition.retry).attempts;
		if (mayTryAgain) return undefined;
		return new DarkroomError(error.code, { detail: error.message, retryable: error.retryable });
	}

	async sleep(name: string, duration: Duration): Promise<void> {
		const { host, tools } = this.#run;
		const { clock } = tools;
		const durationMs = toMs(duration);
		const unique = this.#unique(name);
		// The time it ends is the step's result: after a restart the wait goes on, it does not begin anew.
		const endsAt = await this.#runHere(unique, () => clock.now() + durationMs);
		const waitMs = endsAt - clock.now();
		if (waitMs <= 0) return;
		if (host) await this.#sleepThrough(host, unique, endsAt);
		else await this.#wait(waitMs);
	}

	/** As a step that no host need know of. */
	async #runHere(unique: string, fn: () => number): Promise<number> {
		const kept = this.#kept.get(unique);
		const position = this.#placeOf(unique, kept);
		if (kept?.status === "completed") return kept.output as number;
		if (this.#run.interruption) return never();
		return (await this.#try(unique, position, fn, kept, undefined)) as number;
	}

	/** The host calls again when the time has come. Meanwhile a long wait gives the place to another job. */
	async #sleepThrough(host: StepHost, unique: string, endsAt: number): Promise<void> {
		const run = this.#run;
		const isLong = endsAt - run.tools.clock.now() >= run.tools.longWaitMs;
		run.flushProgress();
		try {
			await suspend(run, { type: "suspended", runAt: endsAt, isReleased: isLong && run.outstanding === 0 });
		} catch (error) {
			if (this.#isLeaseLost(error)) return never();
			throw error;
		}
		run.outstanding++;
		await host.sleepUntil(unique, endsAt);
		run.outstanding--;
	}

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
	async map<Item, Result>(
		name: string,
		items: readonly Item[],
		fn: (item: Item, index: number, step: StepContext) => Result | Promise<Result>,
		options: MapOptions = {},
	): Promise<unknown[]> {
		const unique = this.#unique(name);
		// All at once, so that they do not depend on which item is done when.
		const names = items.map((_, index) => this.#unique(`${unique}:${index}`));
		for (const item of names) this.#reserve(item);
		const results: unknown[] = new Array(items.length);
		const concurrency = Math.max(1, options.concurrency ?? 5);
		let next = 0;
		let failed: { error: unknown } | undefined;
		const lane = async () => {
			while (next < items.length && !failed) {
				const index = next++;
				try {
					const run = (step: StepContext) => fn(items[index] as Item, index, step);
					const value = await this.#runUnique(names[index] as string, run, options);
					results[index] = options.settle ? { ok: true, value } : value;
				} catch (error) {
					if (!options.settle) failed ??= { error };
					else results[index] = { ok: false, error: this.#run.tools.models.classify(error) };
				}
			}
		};
		await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
		if (failed) throw failed.error;
		return results;
	}

	#reserve(unique: string): void {
		this.#reserved ??= new Map();
		this.#reserved.set(unique, this.#kept.has(unique) ? this.#found++ : this.#nextPlace());
	}

	/** Counted on past names that are taken: `draw:2` may be an item of a map, or a name that the code chose itself. */
	#unique(name: string): string {
		let count = (this.#names.get(name) ?? 0) + 1;
		let unique = name;
		if (count > 1) {
			while (this.#names.has(`${name}:${count}`)) count++;
			unique = `${name}:${count}`;
			this.#names.set(unique, 1);
		}
		this.#names.set(name, count);
		return unique;
	}

	async #try(
		name: string,
		position: number,
		fn: (step: StepContext) => unknown,
		kept: Step | undefined,
		retry: Retry | undefined,
	): Promise<unknown> {
		const run = this.#run;
		const { store } = run.tools;
		// A try that was cut off by a crash is taken up again under its own number.
		let attempt = kept === undefined ? 1 : kept.status === "failed" ? kept.attempts + 1 : kept.attempts;
		if (kept?.status === "failed") await this.#waitRest(kept, retry);
		for (; ; attempt++) {
			let startedAt = run.tools.clock.now();
			if (startedAt >= run.leaseExpiresAt) {
				if (!(await this.#isStillOurs())) return never();
				startedAt = run.tools.clock.now();
			}
			const step = new RunningStep(run, name, position, attempt, startedAt);
			run.tools.startNotes.add(step);
			run.inFlight++;
			try {
				const returned = currentStep.run(step, fn, step);
				const value = isThenable(returned) ? await returned : returned;
				step.isOver = true;
				if (run.interruption) return never();
				const output = toRowJson(value, `result of step "${name}"`);
				const row = step.toCompletion(output);
				try {
					await store.completeStep(row);
				} catch (error) {
					await persistAfter(error, run, store.completeStep, row);
				}
				run.completed++;
				run.logStep("debug", step, "step completed");
				return asKept(value, output);
			} catch (error) {
				step.isOver = true;
				const failure = await this.#fail(step, error);
				const { attempts } = retry ?? run.definition.retry;
				if (!failure.retryable || attempt >= attempts) throw failure;
				run.inFlight--;
				await this.#waitAfter(failure, attempt, retry);
				run.inFlight++;
			} finally {
				run.inFlight--;
			}
		}
	}

	/**
	 * After a pause of the whole process another may have done this step: asked before it is done, and paid for, again.
	 * An answer that took so long that the lease has run out once more says nothing; one that extends nothing says no.
	 */
	async #isStillOurs(): Promise<boolean> {
		const run = this.#run;
		while (!run.interruption && run.tools.clock.now() >= run.leaseExpiresAt) {
			const before = run.leaseExpiresAt;
			await run.tools.confirmLeases();
			if (run.leaseExpiresAt === before) return false;
		}
		return run.interruption === undefined;
	}

	/** Keeps the failure and names it; never returns where the attempt is over. */
	async #fail(step: RunningStep, error: unknown): Promise<DarkroomError> {
		const run = this.#run;
		if (run.interruption || this.#isLeaseLost(error)) return never();
		const failure = run.tools.models.classify(error);
		run.logStep("warn", step, "step failed", failure);
		try {
			await persist(run, run.tools.store.failStep, { ...step.toCompletion("null"), error: toFailure(failure) });
		} catch (writeError) {
			if (run.interruption || this.#isLeaseLost(writeError)) return never();
			throw writeError;
		}
		return failure;
	}

	#waitAfter(failure: DarkroomError, attempt: number, retry: Retry | undefined): Promise<void> {
		const { random } = this.#run.tools;
		const backoff = retry?.backoff ?? this.#run.definition.retry.backoff;
		return this.#wait(Math.max(backoff(attempt, random()), failure.retryAfterMs ?? 0));
	}

	/** What is left of the wait after a try of an earlier attempt: that one may have ended before the wait did. */
	async #waitRest({ attempts, error, finishedAt }: Step, retry: Retry | undefined): Promise<void> {
		const { clock } = this.#run.tools;
		const backoff = retry?.backoff ?? this.#run.definition.retry.backoff;
		// The shortest that jitter can have made of it, so that nobody waits longer than the first time.
		const waitMs = Math.max(backoff(attempts, leastChance), error?.retryAfterMs ?? 0);
		const restMs = (finishedAt ?? 0) + waitMs - clock.now();
		if (restMs > 0) await this.#wait(restMs);
	}

	/** A lost lease ends the attempt. True when it did. */
	#isLeaseLost(error: unknown): boolean {
		if (!isDarkroomError(error, "lease_lost")) return false;
		this.#run.interrupt({ type: "aborted", reason: error });
		return true;
	}

	/**
	 * A short wait is waited here; a long one gives the place back, unless other steps are still at work. Of several
	 * waits the first to end decides.
	 */
	async #wait(waitMs: number): Promise<void> {
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

/** A result as it will come back from its row: a Date is a string, nothing is null, from the first time on. */
function asKept(value: unknown, output: string): unknown {
	if (typeof value === "string" || typeof value === "boolean") return value;
	// JSON knows no minus zero.
	return Number.isFinite(value) ? (value as number) + 0 : JSON.parse(output);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

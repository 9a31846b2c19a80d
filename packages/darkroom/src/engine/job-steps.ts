import { sleep } from "../core/clock.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { type DarkroomError, isDarkroomError, toFailure } from "../core/errors.ts";
import type { Step } from "../core/job.ts";
import { toRowJson } from "../core/json.ts";
import type { MapOptions, Settled, StepContext, StepOptions, StepTools } from "./context.ts";
import { type CurrentStep, currentStep, type JobRun } from "./job-run.ts";
import { persist } from "./persist.ts";

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
	readonly #kept = new Map<string, Step>();
	readonly #names = new Map<string, number>();
	#position = 0;

	constructor(run: JobRun) {
		this.#run = run;
		for (const step of run.steps) {
			this.#kept.set(step.name, step);
			if (step.status === "completed") run.completed++;
		}
		this.#position = run.steps.length;
	}

	async run<Result>(
		name: string,
		fn: (step: StepContext) => Result | Promise<Result>,
		options?: StepOptions,
	): Promise<Awaited<Result>> {
		const unique = this.#unique(name);
		const kept = this.#kept.get(unique);
		if (kept?.status === "completed") return kept.output as Awaited<Result>;
		if (this.#run.interruption) return never<Awaited<Result>>();
		return this.#try(unique, fn, kept, options) as Promise<Awaited<Result>>;
	}

	async sleep(name: string, duration: Duration): Promise<void> {
		const { clock, longWaitMs } = this.#run.tools;
		const durationMs = toMs(duration);
		// The time it ends is the step's result: after a restart the wait goes on, it does not begin anew.
		const endsAt = await this.run(name, () => clock.now() + durationMs);
		const waitMs = endsAt - clock.now();
		if (waitMs <= 0) return;
		await this.#wait(waitMs, longWaitMs);
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
		const results: unknown[] = new Array(items.length);
		const concurrency = Math.max(1, options.concurrency ?? 5);
		let next = 0;
		let failed: { error: unknown } | undefined;
		const lane = async () => {
			while (next < items.length && !failed) {
				const index = next++;
				try {
					const value = await this.run(`${unique}:${index}`, (step) => fn(items[index] as Item, index, step), options);
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

	#unique(name: string): string {
		const count = (this.#names.get(name) ?? 0) + 1;
		this.#names.set(name, count);
		return count === 1 ? name : `${name}:${count}`;
	}

	async #try(
		name: string,
		fn: (step: StepContext) => unknown,
		kept: Step | undefined,
		options: StepOptions | undefined,
	): Promise<unknown> {
		const run = this.#run;
		const { random, longWaitMs, models } = run.tools;
		const retry = options?.retry ?? run.definition.retry;
		const backoff = retry.backoff ?? run.definition.retry.backoff;
		const position = kept ? run.steps.indexOf(kept) : this.#position++;
		// A try that was cut off by a crash is taken up again under its own number.
		let attempt = kept === undefined ? 1 : kept.status === "failed" ? kept.attempts + 1 : kept.attempts;
		for (; ; attempt++) {
			const tried = await this.#tryOnce(name, position, attempt, fn);
			if (tried.ok) return tried.value;
			if (run.interruption) return never();
			const error = models.classify(tried.error);
			if (!error.retryable || attempt >= retry.attempts) throw error;
			await this.#wait(Math.max(backoff(attempt, random()), error.retryAfterMs ?? 0), longWaitMs);
		}
	}

	async #tryOnce(name: string, position: number, attempt: number, fn: (step: StepContext) => unknown): Promise<Tried> {
		const run = this.#run;
		const { store, clock, logger } = run.tools;
		const startedAt = clock.now();
		const context = new RunningStep(run, name, attempt);
		const row = { ...run.lease, name, position, attempts: attempt, startedAt };
		store.startStep({ ...row, now: startedAt }).catch((error: unknown) => this.#onWriteError(error));
		run.inFlight++;
		try {
			const value = await currentStep.run(context, fn, context);
			if (run.interruption) return never();
			const output = toRowJson(value, `result of step "${name}"`);
			const { previewed: preview, saved: keeps } = context;
			await persist(run, () => store.completeStep({ ...row, output, preview, keeps, now: clock.now() }));
			run.completed++;
			logger.debug(
				{ ...run.logFields, step: name, stepAttempt: attempt, durationMs: clock.now() - startedAt },
				"step completed",
			);
			// As it will come back from the row on a later attempt: a Date is a string from the first time on.
			return { ok: true, value: typeof value === "object" && value !== null ? JSON.parse(output) : value };
		} catch (error) {
			if (run.interruption) return never();
			if (this.#onWriteError(error)) return never();
			const failure = run.tools.models.classify(error);
			logger.warn(
				{
					...run.logFields,
					step: name,
					stepAttempt: attempt,
					code: failure.code,
					durationMs: clock.now() - startedAt,
					err: failure,
				},
				"step failed",
			);
			const kept = persist(run, () => store.failStep({ ...row, error: toFailure(failure), now: clock.now() }));
			await kept.catch((writeError: unknown) => this.#onWriteError(writeError));
			return { ok: false, error: failure };
		} finally {
			run.inFlight--;
		}
	}

	/** A lost lease ends the attempt. True when it did. */
	#onWriteError(error: unknown): boolean {
		if (!isDarkroomError(error, "lease_lost")) return false;
		this.#run.interrupt({ type: "aborted", reason: error });
		return true;
	}

	/** A short wait is waited here; a long one gives the place back, unless other steps are still at work. */
	async #wait(waitMs: number, longWaitMs: number): Promise<void> {
		const { clock } = this.#run.tools;
		if (waitMs >= longWaitMs && this.#run.inFlight === 0) {
			this.#run.interrupt({ type: "suspended", runAt: clock.now() + waitMs });
			return never();
		}
		await sleep(clock, waitMs, this.#run.signal).catch((error: unknown) => {
			if (this.#run.interruption) return never<void>();
			throw error;
		});
	}
}

type Tried = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: DarkroomError };

class RunningStep implements StepContext, CurrentStep {
	readonly name: string;
	readonly attempt: number;
	readonly saved: string[] = [];
	previewed: string | null = null;
	readonly #run: JobRun;

	constructor(run: JobRun, name: string, attempt: number) {
		this.#run = run;
		this.name = name;
		this.attempt = attempt;
	}

	get idempotencyKey(): string {
		return `${this.#run.job.id}:${this.name}`;
	}

	get signal(): AbortSignal {
		return this.#run.signal;
	}

	preview(assetId: string): void {
		this.previewed = assetId;
	}
}

import { type Duration, toMs } from "../core/duration.ts";
import { DarkroomError } from "../core/errors.ts";
import type { Step } from "../core/job.ts";
import { never } from "./attempt-over.ts";
import type { MapOptions, Retry, Settled, StepContext, StepOptions, StepTools } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import type { StepHost } from "./step-host.ts";
import { StepNames } from "./step-names.ts";
import { StepTries } from "./step-tries.ts";

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
	readonly #names: StepNames;
	readonly #tries: StepTries;

	constructor(run: JobRun) {
		this.#run = run;
		const { steps } = run;
		this.#names = new StepNames(steps);
		this.#tries = new StepTries(run);
		run.completed = steps.filter((step) => step.status === "completed").length;
	}

	run<Result>(
		name: string,
		fn: (step: StepContext) => Result | Promise<Result>,
		options?: StepOptions,
	): Promise<Awaited<Result>> {
		return this.#runUnique(this.#names.unique(name), fn, options);
	}

	#runUnique<Result>(
		unique: string,
		fn: (step: StepContext) => Result | Promise<Result>,
		options: StepOptions | undefined,
	): Promise<Awaited<Result>> {
		const { host } = this.#run;
		const kept = this.#names.kept(unique);
		const position = this.#names.placeOf(unique, kept);
		if (kept?.status === "completed") return Promise.resolve(kept.output as Awaited<Result>);
		if (this.#run.interruption) return never();
		const lost = kept && this.#lostForGood(kept, options?.retry);
		if (lost) return Promise.reject(lost);
		if (!host) return this.#tries.run(unique, position, fn, kept, options?.retry) as Promise<Awaited<Result>>;
		const work = () => this.#tries.run(unique, position, fn, kept, options?.retry) as Promise<Awaited<Result>>;
		return this.#through(host, unique, work);
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
		const unique = this.#names.unique(name);
		// The time it ends is the step's result: after a restart the wait goes on, it does not begin anew.
		const endsAt = await this.#runHere(unique, () => clock.now() + durationMs);
		const waitMs = endsAt - clock.now();
		if (waitMs <= 0) return;
		if (host) await this.#tries.waits.through(host, unique, endsAt);
		else await this.#tries.waits.wait(waitMs);
	}

	/** As a step that no host need know of. */
	async #runHere(unique: string, fn: () => number): Promise<number> {
		const kept = this.#names.kept(unique);
		const position = this.#names.placeOf(unique, kept);
		if (kept?.status === "completed") return kept.output as number;
		if (this.#run.interruption) return never();
		return (await this.#tries.run(unique, position, fn, kept, undefined)) as number;
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
		const unique = this.#names.unique(name);
		// All at once, so that they do not depend on which item is done when.
		const names = items.map((_, index) => this.#names.unique(`${unique}:${index}`));
		for (const item of names) this.#names.reserve(item);
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
}

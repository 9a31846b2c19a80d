import { type Duration, toMs } from "../core/duration.ts";
import type { Step } from "../core/job.ts";
import { never } from "./attempt-over.ts";
import type { MapOptions, Operation, Retry, Settled, StepContext, StepOptions, StepTools } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import { isOfThisLife, startOperation } from "./operation-start.ts";
import { type Done, OperationWatch } from "./operation-watch.ts";
import { StepNames } from "./step-names.ts";
import { lostBy, StepTries } from "./step-tries.ts";

/** Items of a map at work at the same time, where it does not say. */
export const mapConcurrency = 5;

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
		if (kept?.status === "completed") return this.#known(unique, () => Promise.resolve(kept.output as Awaited<Result>));
		const lost = kept && this.#tries.lostForGood(kept, options?.retry);
		if (lost) return this.#known(unique, () => Promise.reject(lost));
		if (this.#run.interruption) return never();
		if (!host) return this.#tries.run(unique, position, fn, kept, options?.retry) as Promise<Awaited<Result>>;
		const work = () => this.#tries.run(unique, position, fn, kept, options?.retry) as Promise<Awaited<Result>>;
		return this.#tries.through(host, unique, work);
	}

	/** What a step has come to before. */
	#known<Value>(unique: string, known: () => Promise<Value>): Promise<Value> {
		const { host } = this.#run;
		return host ? this.#tries.tell(host, unique, known) : known();
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

	async operation<Handle, Value>(name: string, operation: Operation<Handle, Value>): Promise<Value> {
		const run = this.#run;
		const { timeout } = operation;
		const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : toMs(timeout);
		const unique = this.#names.unique(name);
		const startName = this.#startOf(unique);
		const start = (step: StepContext) => startOperation(run, operation, step);
		const kept = this.#names.kept(unique);
		// One of an earlier life has no start in this one, so no host can ask for it.
		const isTold = run.host !== null && this.#names.kept(startName) !== undefined;
		if (kept?.status === "completed" && !isTold) {
			for (const one of [startName, unique]) this.#names.placeOf(one, this.#names.kept(one));
			return kept.output as Value;
		}
		this.#names.reserve(startName);
		this.#names.reserve(unique);
		const started = await this.#runUnique(startName, start, operation);
		const endsAt = started.startedAt + timeoutMs;
		const known = kept && this.#knownOperation(kept, endsAt, operation.retry);
		if (known && !run.host) return (await known()).value as Value;
		run.onAbandoned?.(() => operation.cancel?.(started.handle as Handle));
		if (run.interruption) return never();
		const nextHosted = () => this.#names.unique(`${unique}:check`);
		const step = {
			name: unique,
			position: this.#names.placeOf(unique, kept),
			kept,
			known,
			started,
			endsAt,
			nextHosted,
		};
		const watch = new OperationWatch(run, this.#tries, operation as Operation<unknown, unknown>, step);
		return (await watch.result()) as Value;
	}

	/** The step that starts an operation: of those that earlier lives of the job have left, none is started again. */
	#startOf(unique: string): string {
		for (;;) {
			const name = this.#names.unique(`${unique}:start`);
			const kept = this.#names.kept(name);
			if (!kept || isOfThisLife(this.#run, kept)) return name;
			this.#names.placeOf(name, kept);
		}
	}

	/** The same as for any step; and where its time is over it was given up, however many tries were left. */
	#knownOperation(kept: Step, endsAt: number, retry: Retry | undefined): (() => Promise<Done>) | undefined {
		if (kept.status === "completed") return () => Promise.resolve({ isDone: true, value: kept.output });
		const isTimeUp = this.#run.tools.clock.now() >= endsAt;
		const isGivenUp = isTimeUp && kept.status === "failed" && kept.error?.code === "timed_out";
		const lost = isGivenUp && kept.error ? lostBy(kept.error) : this.#tries.lostForGood(kept, retry);
		return lost && (() => Promise.reject(lost));
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
		const concurrency = Math.max(1, options.concurrency ?? mapConcurrency);
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

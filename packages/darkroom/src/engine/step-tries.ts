import { DarkroomError, type Failure, toFailure } from "../core/errors.ts";
import type { Step } from "../core/job.ts";
import { toRowJson } from "../core/json.ts";
import { endsForLostLease, never } from "./attempt-over.ts";
import type { Retry, StepContext } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import { persist, persistAfter } from "./persist.ts";
import { currentStep, RunningStep } from "./running-step.ts";
import type { StepHost } from "./step-host.ts";
import { StepWaits } from "./step-waits.ts";

/** Tries of one attempt's steps, and what is written of them. */
export class StepTries {
	readonly #run: JobRun;
	#waits: StepWaits | undefined;

	constructor(run: JobRun) {
		this.#run = run;
	}

	get waits(): StepWaits {
		this.#waits ??= new StepWaits(this.#run);
		return this.#waits;
	}

	/** Tries until it is done, or not worth another try: then it throws. */
	async run(
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
		if (kept?.status === "failed") await this.waits.rest(kept, retry);
		for (; ; attempt++) {
			let startedAt = run.tools.clock.now();
			if (startedAt >= run.leaseExpiresAt) {
				if (!(await this.isStillOurs())) return never();
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
				run.logStep("info", step, "step completed");
				return asKept(value, output);
			} catch (error) {
				step.isOver = true;
				const failure = await this.fail(step, error);
				const { attempts } = retry ?? run.definition.retry;
				if (!failure.retryable || attempt >= attempts) throw failure;
				run.inFlight--;
				await this.waits.after(failure, attempt, retry);
				run.inFlight++;
			} finally {
				run.inFlight--;
			}
		}
	}

	/** Has the host carry it out: now, or in a later call. */
	async through<Result>(host: StepHost, name: string, work: () => Promise<Result>): Promise<Result> {
		this.#run.outstanding++;
		try {
			return await host.run(name, work);
		} finally {
			this.#run.outstanding--;
		}
	}

	/**
	 * The same for what is known already: a host that has not heard of its end may ask for this very step. A failure stays in our
	 * words.
	 */
	tell<Result>(host: StepHost, name: string, known: () => Promise<Result>): Promise<Result> {
		return this.through(host, name, known).catch(known);
	}

	/** Keeps the result, which is what comes back. `run` does the same with one promise less. */
	async complete(step: RunningStep, value: unknown): Promise<unknown> {
		const run = this.#run;
		const output = toRowJson(value, `result of step "${step.name}"`);
		await persist(run, run.tools.store.completeStep, step.toCompletion(output));
		run.completed++;
		run.logStep("info", step, "step completed");
		return asKept(value, output);
	}

	/** The failure of a step that was given up: only an owner's retry tries it again, not the next attempt. */
	lostForGood({ status, attempts, error }: Step, retry: Retry | undefined): DarkroomError | undefined {
		if (status !== "failed" || error === null) return undefined;
		const mayTryAgain = error.retryable && attempts < (retry ?? this.#run.definition.retry).attempts;
		return mayTryAgain ? undefined : lostBy(error);
	}

	/**
	 * After a pause of the whole process another may have done this step: asked before it is done, and paid for, again.
	 * An answer that took so long that the lease has run out once more says nothing; one that extends nothing says no.
	 */
	async isStillOurs(): Promise<boolean> {
		const run = this.#run;
		while (!run.interruption && run.tools.clock.now() >= run.leaseExpiresAt) {
			const before = run.leaseExpiresAt;
			await run.tools.confirmLeases();
			if (run.leaseExpiresAt === before) return false;
		}
		return run.interruption === undefined;
	}

	/** Keeps the failure and names it; never returns where the attempt is over. */
	async fail(step: RunningStep, error: unknown): Promise<DarkroomError> {
		const run = this.#run;
		if (run.interruption || endsForLostLease(run, error)) return never();
		const failure = run.tools.models.classify(error);
		run.logStep("warn", step, "step failed", failure);
		try {
			await persist(run, run.tools.store.failStep, { ...step.toCompletion("null"), error: toFailure(failure) });
		} catch (writeError) {
			if (run.interruption || endsForLostLease(run, writeError)) return never();
			throw writeError;
		}
		return failure;
	}
}

/** A kept failure, thrown again. */
export function lostBy({ code, message, retryable }: Failure): DarkroomError {
	return new DarkroomError(code, { detail: message, retryable });
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

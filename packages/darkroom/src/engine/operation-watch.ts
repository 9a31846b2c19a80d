import { sleep } from "../core/clock.ts";
import { DarkroomError } from "../core/errors.ts";
import type { Step } from "../core/job.ts";
import { progressWithin } from "../core/progress.ts";
import { endsForLostLease, never } from "./attempt-over.ts";
import type { Operation } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import { stretch, waitAfter } from "./operation-pace.ts";
import type { Started } from "./operation-start.ts";
import { persist } from "./persist.ts";
import { currentStep, RunningStep } from "./running-step.ts";
import type { StepHost } from "./step-host.ts";
import type { StepTries } from "./step-tries.ts";

/** A cancel that takes longer goes on by itself, in ms. */
const cancelWaitMs = 5_000;

/** The operation's own step, as an attempt finds it. */
export interface OperationStep {
	readonly name: string;
	readonly position: number;
	/** Of earlier attempts. */
	readonly kept: Step | undefined;
	/** What it has come to before; undefined where it is still to be looked after. */
	readonly known: (() => Promise<Done>) | undefined;
	readonly started: Started;
	/** When its own time is over, ms since 1970. Infinity: never. */
	readonly endsAt: number;
	/** A name for the next look, where a host is to carry it out. */
	readonly nextHosted: () => string;
}

export interface Done {
	readonly isDone: true;
	readonly value: unknown;
}

type Looked = Done | { readonly isDone: false; readonly nextAt: number };

/**
 * Looks after one operation that was started, until it is done:
 *
 *     started ─► wait ─► look ─┬─ done ─────────────► completeStep (fenced, durable) ─► result
 *                 ▲            ├─ not yet ── time is over? ─yes─► failStep `timed_out`, cancel, throw
 *                 ├────────────┘                no
 *                 └── backoff ── failed ── out of tries, or not worth another ─► throw
 *
 * The row says "running" from the start on: nothing more is written for a look that finds it not done, unless one failed
 * before. Whatever interrupts this, the next attempt begins at the top, with the same handle. On a host each look is one of
 * its steps, and each long wait its sleep.
 */
export class OperationWatch {
	readonly #run: JobRun;
	readonly #tries: StepTries;
	readonly #operation: Operation<unknown, unknown>;
	readonly #step: OperationStep;
	/** The last try of an earlier attempt, until this one makes its own. */
	#kept: Step | undefined;
	/** The try that its row shows as running. */
	#shown: number | undefined;

	constructor(run: JobRun, tries: StepTries, operation: Operation<unknown, unknown>, step: OperationStep) {
		const { kept } = step;
		this.#run = run;
		this.#tries = tries;
		this.#operation = operation;
		this.#step = step;
		this.#kept = kept;
		this.#shown = kept?.status === "running" ? kept.attempts : undefined;
	}

	async result(): Promise<unknown> {
		const { host } = this.#run;
		if (this.#step.kept === undefined) await this.#show(this.#try(1));
		for (let { nextAt } = this.#step.started; ; ) {
			nextAt = Math.min(nextAt, this.#step.endsAt);
			const looked = host ? await this.#lookThrough(host, nextAt) : await this.#waitAndLook(nextAt);
			if (looked.isDone) return looked.value;
			nextAt = looked.nextAt;
		}
	}

	/** What a look found is known to the host from then on, so the waits before it are over in each later call. */
	async #lookThrough(host: StepHost, nextAt: number): Promise<Looked> {
		const { clock, longWaitMs } = this.#run.tools;
		const { known, nextHosted } = this.#step;
		const name = nextHosted();
		this.#run.hostedChecks++;
		if (known) return this.#tries.tell(host, name, known);
		if (nextAt - clock.now() >= longWaitMs) await this.#tries.waits.through(host, `${name}:wait`, nextAt);
		return this.#tries.through(host, name, () => this.#waitAndLook(nextAt));
	}

	async #waitAndLook(nextAt: number): Promise<Looked> {
		const { waits } = this.#tries;
		const kept = this.#kept;
		const waitMs = nextAt - this.#run.tools.clock.now();
		if (waitMs > 0) await waits.wait(waitMs);
		if (kept?.status === "failed") await waits.rest(kept, this.#operation.retry);
		this.#kept = undefined;
		const { attempts } = this.#operation.retry ?? this.#run.definition.retry;
		for (let attempt = nextTry(kept); ; attempt++) {
			const looked = await this.#look(this.#try(attempt));
			if (!(looked instanceof DarkroomError)) return looked;
			if (!looked.retryable || attempt >= attempts || this.#isTimeUp()) throw looked;
			await waits.after(looked, attempt, this.#operation.retry);
		}
	}

	#try(attempt: number): RunningStep {
		const { name, position, started } = this.#step;
		return new RunningStep(this.#run, name, position, attempt, started.startedAt);
	}

	/** One look; a failure of it is kept by then. */
	async #look(step: RunningStep): Promise<Looked | DarkroomError> {
		const run = this.#run;
		if (run.tools.clock.now() >= run.leaseExpiresAt && !(await this.#tries.isStillOurs())) return never();
		await this.#show(step);
		run.inFlight++;
		try {
			const { handle } = this.#step.started;
			const state = await currentStep.run(step, () => this.#operation.check(handle, step));
			step.isOver = true;
			if (run.interruption) return never();
			if (state.done) return { isDone: true, value: await this.#tries.complete(step, state.value) };
			if (state.progress !== undefined) run.progress(progressWithin(run.job, run.completed, state.progress));
			if (this.#isTimeUp()) return await this.#giveUp(step);
			// The next look has all its tries, also where a later attempt makes it.
			await this.#show(this.#try(1));
			return { isDone: false, nextAt: this.#nextAt() };
		} catch (error) {
			step.isOver = true;
			this.#shown = undefined;
			const failure = this.#isTimeUp() ? run.tools.models.classify(error) : undefined;
			return failure?.retryable ? await this.#giveUp(step, error) : await this.#tries.fail(step, error);
		} finally {
			run.inFlight--;
		}
	}

	#nextAt(): number {
		const { tools, host, hostedChecks } = this.#run;
		const now = tools.clock.now();
		const elapsedMs = now - this.#step.started.startedAt;
		const waitMs = waitAfter(this.#operation.every, elapsedMs, tools.random());
		return Math.round(now + (host ? stretch(waitMs, hostedChecks) : waitMs));
	}

	#isTimeUp(): boolean {
		return this.#run.tools.clock.now() >= this.#step.endsAt;
	}

	/** Shows the try as running, unless that is what the row says already. */
	async #show(step: RunningStep): Promise<void> {
		if (this.#shown === step.attempt) return;
		const { lease, tools } = this.#run;
		const { name, position, attempt: attempts, startedAt: now } = step;
		try {
			await persist(this.#run, tools.store.startStep, { ...lease, name, position, attempts, preview: null, now });
		} catch (error) {
			if (endsForLostLease(this.#run, error)) return never();
			throw error;
		}
		this.#shown = step.attempt;
	}

	/** Its time is over. First the failure is kept, so that whoever ends the job meanwhile and this do not both cancel. */
	async #giveUp(step: RunningStep, cause?: unknown): Promise<DarkroomError> {
		const { tools, signal } = this.#run;
		const detail = `The operation "${step.name}" was not done in the time that it may take.`;
		const failure = await this.#tries.fail(step, new DarkroomError("timed_out", { detail, cause }));
		const cancelled = this.#cancel();
		// Longer than this nobody waits for it.
		await Promise.race([cancelled, sleep(tools.clock, cancelWaitMs, signal).catch(() => {})]);
		return failure;
	}

	async #cancel(): Promise<void> {
		const { logFields, tools } = this.#run;
		try {
			await this.#operation.cancel?.(this.#step.started.handle);
		} catch (error) {
			tools.logger.warn({ ...logFields, step: this.#step.name, err: error as Error }, "operation not cancelled");
		}
	}
}

/** A try that was cut off is taken up again under its own number. */
function nextTry(kept: Step | undefined): number {
	if (!kept) return 1;
	return kept.status === "failed" ? kept.attempts + 1 : kept.attempts;
}

import type { Clock } from "../../core/clock.ts";
import type { Activity } from "./activity.testsuite.ts";
import { type Call, type CallOptions, prepareCall, send } from "./calls.testsuite.ts";
import type { Faults } from "./faults.testsuite.ts";
import type { RegisteredFunction } from "./functions.testsuite.ts";
import type { HttpAnswer } from "./http.testsuite.ts";
import { ulid } from "./ids.testsuite.ts";
import type { Queue, Work } from "./queue.testsuite.ts";
import { Run, type RunEnd } from "./run.testsuite.ts";
import { retryAfterMs, waitMs } from "./wait.testsuite.ts";
import type { InngestEvent, Op, StepState, WireError } from "./wire.testsuite.ts";

export interface ExecutorParts {
	readonly clock: Clock;
	readonly activity: Activity;
	readonly faults: Faults;
	readonly queue: Queue;
	readonly calls: CallOptions;
	/** Whether only the latest request for a piece of work counts. */
	readonly refusesStale: boolean;
	/** Milliseconds to wait after this attempt, counted from 0, has failed. */
	readonly backoffMs: (attempt: number) => number;
	/** A run is over. */
	readonly onEnd: (run: Run, end: RunEnd) => void;
}

/** One taking of a piece of work; a call that is made twice shares it. */
interface Turn {
	readonly work: Work;
	/** The first answer has been taken: the second brings only what steps have returned. */
	isSettled: boolean;
}

/**
 * Drives runs: makes the calls that are due, and does with the answers what Inngest's executor does.
 *
 * An answer is the function's result (200), a list of operations (206), or an error, which uses up an attempt. Each
 * operation is either a step's end, which is remembered, or work for later. When no parallel step is awaited any more
 * the function is asked again. What comes for a run that is over changes nothing.
 */
export class Executor {
	/** Every request to the app, in order. */
	readonly calls: Call[] = [];
	readonly #parts: ExecutorParts;
	/** The latest request for each piece of work. */
	readonly #requests = new Map<string, string>();

	constructor(parts: ExecutorParts) {
		this.#parts = parts;
	}

	/** A new run, its first call queued. */
	start(fn: RegisteredFunction, event: InngestEvent): Run {
		const now = this.#parts.clock.now();
		const run = new Run(ulid(now), fn, event, now);
		this.#enqueue(run, "step");
		if (fn.startTimeoutMs !== undefined) this.#after(run, fn.startTimeoutMs, () => !run.hasBegun && this.cancel(run));
		return run;
	}

	/** Makes all calls that there is room for. */
	pump(): void {
		for (let work = this.#parts.queue.take(); work; work = this.#parts.queue.take()) void this.#execute(work);
	}

	/** Ends a run from outside. The step that is running in the app goes on; what it answers is dropped. */
	cancel(run: Run): void {
		this.#end(run, "cancelled", { error: "function cancelled", name: "Error", message: "function cancelled" });
	}

	/** The run is gone, and nobody is told. */
	forget(run: Run): void {
		if (!run.end("forgotten")) return;
		this.#parts.queue.drop(run);
		this.#parts.activity.changed();
	}

	/** Whether this piece of work was called again since, and this server gives up what is the lesser of two. */
	isStale(queueItemId: string, requestId: string): boolean {
		return this.#parts.refusesStale && (this.#requests.get(queueItemId) ?? requestId) !== requestId;
	}

	async #execute(work: Work): Promise<void> {
		const { activity, faults, queue } = this.#parts;
		activity.enter();
		try {
			const planned = this.#prepare(work);
			const wasHeld = await this.#hold(planned);
			const call = wasHeld ? this.#prepare(work) : planned;
			const calls = faults.take("duplicate", call) ? [call, this.#prepare(work)] : [call];
			const turn = { work, isSettled: false };
			await Promise.all(calls.map((one) => this.#deliver(one, turn)));
		} catch (error) {
			activity.fail(error as Error);
		} finally {
			queue.release(work);
			work.run.active(-1);
			this.pump();
			activity.leave();
		}
	}

	#prepare(work: Work): Call {
		const requestId = ulid(this.#parts.clock.now());
		this.#requests.set(work.queueItemId, requestId);
		return prepareCall(work, requestId, this.#parts.calls);
	}

	/** False when the test does not wish it. Meanwhile the server counts as idle, and from the very moment of release no more. */
	async #hold(call: Call): Promise<boolean> {
		const { activity, clock, faults } = this.#parts;
		const pause = (until: (over: () => void) => void) =>
			new Promise<void>((resolve) => {
				until(() => {
					activity.enter();
					resolve();
				});
				activity.leave();
			});
		const held = faults.take("hold", call);
		if (held) await pause(held.arrive);
		const late = faults.take("late", call);
		if (late) await pause((over) => clock.after(late.delayMs, over));
		return held !== undefined || late !== undefined;
	}

	async #deliver(call: Call, turn: Turn): Promise<void> {
		const { run } = call;
		if (run.isOver) return;
		this.#begin(run);
		this.calls.push(call);
		this.#parts.activity.changed();
		const answer = await send(call, turn.work, this.#parts.calls).catch((error: Error) => error);
		if (!(answer instanceof Error)) call.answer = answer;
		if (run.isOver || this.isStale(turn.work.queueItemId, call.requestId)) return;
		if (this.#parts.faults.take("lose-answer", call)) this.#again(turn.work, turn.work.attempt);
		else this.#take(answer, turn);
		turn.isSettled = true;
		this.#parts.activity.changed();
	}

	#begin(run: Run): void {
		if (run.hasBegun) return;
		run.hasBegun = true;
		const { finishTimeoutMs } = run.fn;
		if (finishTimeoutMs !== undefined) this.#after(run, finishTimeoutMs, () => this.cancel(run));
	}

	#take(answer: HttpAnswer | Error, turn: Turn): void {
		const { run } = turn.work;
		if (answer instanceof Error) {
			this.#failCall(turn, { error: "Unable to reach SDK URL", name: "Error", message: answer.message });
			return;
		}
		run.version = Number(answer.headers["x-inngest-req-version"] ?? run.version);
		const result = answer.status === 200 || answer.status === 206 ? parse(answer.body) : undefined;
		if (result === undefined) this.#failCall(turn, errorOf(answer), answer);
		else if (answer.status === 206) this.#takeOps([result as Op | Op[]].flat(), answer, turn);
		else this.#complete(run, result);
	}

	#takeOps(ops: readonly Op[], answer: HttpAnswer, turn: Turn): void {
		// Results that were buffered for a checkpoint come together with the end: that is no parallelism.
		const isParallel = ops.length > 1 && !ops.some(({ op }) => op === "RunComplete");
		if (isParallel) turn.work.run.expect(ops);
		for (const op of ops) this.#takeOp(op, answer, turn);
	}

	#takeOp(op: Op, answer: HttpAnswer, turn: Turn): void {
		const { run } = turn.work;
		switch (op.op) {
			case "StepRun":
				this.#remember(op, { type: "data", data: op.data ?? null }, run);
				break;
			case "StepPlanned":
				if (run.scheduleOnce(`${op.id}-plan`)) this.#enqueue(run, op.id);
				break;
			case "StepError":
			case "StepFailed":
				if (turn.isSettled || (op.op === "StepError" && this.#retry(turn.work, answer))) break;
				this.#remember(op, { type: "error", error: op.error }, run);
				break;
			case "Sleep":
				this.#sleep(op, run);
				break;
			case "RunComplete":
				this.#complete(run, op.data);
				break;
			case "DiscoveryRequest":
				this.#enqueue(run, "step");
				break;
			default:
				throw new Error(`The tests' Inngest server does not play ${op.op}, which ${run.functionId} asks for.`);
		}
	}

	#complete(run: Run, output: unknown): void {
		if (run.isOver) return;
		run.output = output;
		this.#end(run, "completed");
	}

	/** Keeps what a step came to, and asks the function what comes next: in a race always, else when none is awaited. */
	#remember(op: Op, state: StepState, run: Run): void {
		if (!run.remember(op, state)) return;
		if (run.hasPendingSteps && op.opts?.parallelMode !== "race") return;
		if (run.scheduleOnce(op.id)) this.#enqueue(run, "step");
	}

	#sleep(op: Op, run: Run): void {
		if (!run.scheduleOnce(`${op.id}-sleep`)) return;
		this.#after(run, waitMs(op.name ?? "", this.#parts.clock.now()), () => {
			this.#remember(op, null, run);
			this.pump();
		});
	}

	/** The function as a whole failed, or the app was not to be reached. */
	#failCall(turn: Turn, error: WireError, answer?: HttpAnswer): void {
		if (!turn.isSettled && !this.#retry(turn.work, answer)) this.#end(turn.work.run, "failed", error);
	}

	/** False when there is no attempt left, or when the answer forbids it. */
	#retry(work: Work, answer?: HttpAnswer): boolean {
		const { backoffMs, clock } = this.#parts;
		const headers = answer?.headers ?? {};
		if (headers["x-inngest-no-retry"] === "true" || work.attempt + 1 >= work.run.fn.maxAttempts) return false;
		const delayMs = retryAfterMs(headers["retry-after"], clock.now()) ?? backoffMs(work.attempt);
		this.#after(work.run, delayMs, () => {
			this.#again(work, work.attempt + 1);
			this.pump();
		});
		return true;
	}

	#again(work: Work, attempt: number): void {
		work.run.active(1);
		this.#parts.queue.add({ ...work, attempt, generation: work.generation + 1 });
	}

	#enqueue(run: Run, stepId: string): void {
		const now = this.#parts.clock.now();
		const aheadMs = Number(run.fn.priority({ event: run.event })) * 1_000 || 0;
		run.active(1);
		this.#parts.queue.add({ run, stepId, attempt: 0, queueItemId: ulid(now), generation: 0, rank: now - aheadMs });
	}

	#after(run: Run, delayMs: number, then: () => void): void {
		run.wait((over) => this.#parts.clock.after(delayMs, over), then);
		this.#parts.activity.changed();
	}

	#end(run: Run, end: RunEnd, error?: WireError): void {
		if (!run.end(end)) return;
		run.error = error;
		this.#parts.queue.drop(run);
		this.#parts.onEnd(run, end);
		this.#parts.activity.changed();
	}
}

/** What the real server makes of an answer that is of no use to it. */
function errorOf({ status, body }: HttpAnswer): WireError {
	const error = `invalid status code: ${status}`;
	const told = parse(body);
	const isTold = typeof told === "object" && told !== null;
	return { name: "Error", message: body || error, ...(isTold && told), error };
}

/** Undefined when it is not JSON. */
function parse(text: string): unknown {
	try {
		return JSON.parse(text || "null");
	} catch {
		return undefined;
	}
}

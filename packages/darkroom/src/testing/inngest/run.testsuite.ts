import type { RegisteredFunction } from "./functions.testsuite.ts";
import type { InngestEvent, Op, StepState, WireError } from "./wire.testsuite.ts";

export type RunStatus = "queued" | "running" | "sleeping" | RunEnd;
/** `forgotten`: the server lost it, which only a fault does; the real one would show it as running for ever. */
export type RunEnd = "completed" | "failed" | "cancelled" | "forgotten";

/** A step that is over, or a sleep. */
export interface RunStep {
	/** SHA-1 of its name. */
	readonly id: string;
	/** As the code names it. */
	readonly name: string;
	readonly state: StepState;
}

/**
 * A run and what the server remembers of it.
 *
 *     queued ── first call ──► running ◄──► sleeping (only waits: a sleep, a backoff)
 *        │                       │              │
 *        └───────────────────────┴──────────────┴──► completed · failed · cancelled · forgotten
 */
export class Run {
	/** A ULID. */
	readonly id: string;
	readonly functionId: string;
	/** As it was registered last: an app that has moved is called where it is. */
	fn: RegisteredFunction;
	readonly event: InngestEvent;
	/** By the server's clock. */
	readonly queuedAtMs: number;
	/** Requests made to the app for it, those that failed among them. */
	calls = 0;
	/** What the function returned. */
	output: unknown;
	error: WireError | undefined;
	/** Those that are over, in the order in which they ended. */
	readonly steps: RunStep[] = [];
	/** Set once steps went in parallel; the app is told from then on, and checkpoints no more. */
	isPlanned = false;
	/** The protocol's version that the app answered with; -1 before. */
	version = -1;
	hasBegun = false;
	readonly #waits = new Set<() => void>();
	readonly #scheduled = new Set<string>();
	readonly #pending = new Set<string>();
	#end: RunEnd | undefined;
	/** Calls that are made, or that could be made now. */
	#active = 0;

	constructor(id: string, fn: RegisteredFunction, event: InngestEvent, queuedAtMs: number) {
		this.id = id;
		this.fn = fn;
		this.functionId = fn.id;
		this.event = event;
		this.queuedAtMs = queuedAtMs;
	}

	get status(): RunStatus {
		if (this.#end) return this.#end;
		if (!this.hasBegun) return "queued";
		return this.#active > 0 ? "running" : "sleeping";
	}

	get isOver(): boolean {
		return this.#end !== undefined;
	}

	/** Parallel steps that have to be over before the function is asked what comes next. */
	get hasPendingSteps(): boolean {
		return this.#pending.size > 0;
	}

	active(change: 1 | -1): void {
		this.#active += change;
	}

	/** Parallel steps were found. */
	expect(ops: readonly Op[]): void {
		this.isPlanned = true;
		for (const { id } of ops) if (!this.#has(id)) this.#pending.add(id);
	}

	/** False when this has been scheduled before: the same work is never queued twice. */
	scheduleOnce(what: string): boolean {
		if (this.#scheduled.has(what)) return false;
		this.#scheduled.add(what);
		return true;
	}

	/** False when the step's end is known already; then the first one counts. */
	remember(op: Op, state: StepState): boolean {
		if (this.isOver || this.#has(op.id)) return false;
		this.#pending.delete(op.id);
		this.steps.push({ id: op.id, name: op.displayName ?? op.name ?? op.id, state });
		return true;
	}

	/** Keeps a wait, so that it ends with the run. `set` is given what to call when it is over, and gives what cancels it. */
	wait(set: (over: () => void) => () => void, then: () => void): void {
		const cancel = set(() => {
			this.#waits.delete(cancel);
			if (!this.isOver) then();
		});
		this.#waits.add(cancel);
	}

	/** False when it is over already. */
	end(as: RunEnd): boolean {
		if (this.#end) return false;
		this.#end = as;
		for (const cancel of this.#waits) cancel();
		this.#waits.clear();
		return true;
	}

	#has(stepId: string): boolean {
		return this.steps.some(({ id }) => id === stepId);
	}
}

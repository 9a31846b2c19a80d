import { type Clock, systemClock } from "../core/clock.ts";
import { Activity } from "./inngest/activity.testsuite.ts";
import { Api, type CheckpointBody } from "./inngest/api.testsuite.ts";
import type { Call } from "./inngest/calls.testsuite.ts";
import type { AcceptedEvent } from "./inngest/event-api.testsuite.ts";
import { Executor } from "./inngest/executor.testsuite.ts";
import { Faults } from "./inngest/faults.testsuite.ts";
import { isTriggeredBy, type RegisteredFunction, readFunction } from "./inngest/functions.testsuite.ts";
import { ask } from "./inngest/http.testsuite.ts";
import { ulid } from "./inngest/ids.testsuite.ts";
import { Queue } from "./inngest/queue.testsuite.ts";
import type { Run, RunEnd } from "./inngest/run.testsuite.ts";
import { sign } from "./inngest/signature.testsuite.ts";
import { defaultBackoffMs } from "./inngest/wait.testsuite.ts";
import type { FunctionConfig, InngestEvent } from "./inngest/wire.testsuite.ts";

export interface InngestServerOptions {
	/** Of this machine. Default: a free one. */
	readonly port?: number;
	/** For all its waits, and for the time in ids. Signatures are by the machine's time, since the SDK checks them by it. */
	readonly clock?: Clock;
	/** Signs the calls to the app, and is asked of whoever calls the API. Default: nobody proves anything. */
	readonly signingKey?: string;
	/** The one key that may send events. Default: any. */
	readonly eventKey?: string;
	/** Whether it says that it is a dev server. Only one that is not wants the app's answers signed. Default: true. */
	readonly isDev?: boolean;
	/** Default: true. Without, the app is called once for each step, as by servers before checkpoints. */
	readonly checkpointing?: boolean;
	/**
	 * Of a call that was made again since, keeps the steps that it checkpoints, but answers 409, which halts it, and drops
	 * its answer. Default: false, as on servers where that is not switched on.
	 */
	readonly refusesStale?: boolean;
	/** Milliseconds from the end of an attempt, counted from 0, to the next. Default: 15 s, 30 s, 1 min, 2 min, 5 min … */
	readonly backoffMs?: (attempt: number) => number;
}

/** How long an event's id keeps its function from running again. */
const dedupeMs = 24 * 3_600_000;

/**
 * An Inngest server for tests: it takes events, runs the functions of an app over the SDK's own wire, and misbehaves on
 * demand. Everything is in memory, everything between it and the app is real HTTP.
 *
 * It plays, as Inngest's source of August 2026 does it: registration, the event API with ids that dedupe by function
 * for 24 h, triggers, execution (protocol 2) with checkpoints, step by step, or in parallel, sleeps, attempts with
 * backoff and `retry-after`, `onFailure` and the other `inngest/function.*` events, `cancelOn`, both timeouts,
 * concurrency with keys, priority, cancelling, and signatures both ways.
 *
 * It does not play: waiting for events or signals, invoking, batches as one run, debounce, rate limits, throttling,
 * singletons, crons (all of these throw), expressions beyond `inngest/expression.testsuite.ts`, limits of size and
 * number beyond the event API's, chance in the backoff, the 200 ms until a first call, realtime, any dashboard.
 */
export class InngestServer {
	/** What was registered. */
	readonly functions: RegisteredFunction[] = [];
	/** Every event that was answered with 200, those that repeat an id and those that were then lost among them. */
	readonly events: AcceptedEvent[] = [];
	/** What the server sent itself: `inngest/function.finished`, `.failed` and `.cancelled`. */
	readonly ownEvents: InngestEvent[] = [];
	/** In the order in which they were queued. */
	readonly runs: Run[] = [];
	readonly faults: Faults;
	#url = "";
	readonly #options: InngestServerOptions;
	readonly #clock: Clock;
	readonly #api: Api;
	readonly #executor: Executor;
	readonly #activity = new Activity();
	readonly #stopped = new AbortController();
	/** When each function took each event id. */
	readonly #taken = new Map<string, number>();

	private constructor(options: InngestServerOptions) {
		const { clock = systemClock, signingKey, eventKey, isDev = true, checkpointing = true } = options;
		const queue = new Queue();
		this.#options = options;
		this.#clock = clock;
		this.faults = new Faults(queue);
		this.#executor = new Executor({
			clock,
			queue,
			activity: this.#activity,
			faults: this.faults,
			refusesStale: options.refusesStale ?? false,
			calls: { isDev, signingKey, checkpointing, signal: this.#stopped.signal },
			backoffMs: options.backoffMs ?? defaultBackoffMs,
			onEnd: (run, end) => this.#tellEnd(run, end),
		});
		this.#api = new Api({
			clock,
			signingKey,
			eventKey,
			faults: this.faults,
			register: (configs) => this.#register(configs),
			accept: (events) => this.#accept(events),
			checkpoint: (run, body) => this.#checkpoint(run, body),
			cancel: (run) => this.cancel(run.id),
			find: (runId) => this.runs.find(({ id }) => id === runId),
		});
	}

	/** Resolves when it listens. */
	static async start(options: InngestServerOptions = {}): Promise<InngestServer> {
		const server = new InngestServer(options);
		server.#url = await server.#api.listen(options.port ?? 0);
		return server;
	}

	/** What the app has as `INNGEST_BASE_URL`, or its client as `baseUrl`. */
	get url(): string {
		return this.#url;
	}

	/** Every request that was made to the app, in order. */
	get calls(): readonly Call[] {
		return this.#executor.calls;
	}

	/**
	 * Learns the app's functions as `inngest dev -u` does: asks its endpoint to register them here.
	 * @throws {Error} when the endpoint refuses, cannot be reached, or registers what this server does not play.
	 */
	async sync(appUrl: string): Promise<void> {
		const { isDev = true, signingKey } = this.#options;
		const headers: Record<string, string> = { "x-inngest-server-kind": isDev ? "dev" : "cloud" };
		if (signingKey) headers["x-inngest-signature"] = sign("", signingKey);
		const answer = await ask("PUT", appUrl, "", headers, this.#stopped.signal);
		if (answer.status !== 200) throw new Error(`${appUrl} did not register: ${answer.status} ${answer.body}`);
	}

	/** Cancels a run as the dashboard does. The step that is running in the app goes on, and its result is dropped. */
	cancel(runId: string): void {
		this.#executor.cancel(this.#run(runId));
		this.#pumpSoon();
	}

	/** Loses a run entirely: it is never called again, and nobody is told. Its event's id stays known. */
	forget(runId: string): void {
		this.#executor.forget(this.#run(runId));
		this.#pumpSoon();
	}

	/** Whether no call is being made, and none could be. */
	get isIdle(): boolean {
		return this.#activity.isIdle;
	}

	/**
	 * Resolves when no call is being made and none could be: all runs are over, wait for the clock, or are held back.
	 * @throws {Error} when an app asked for something that this server does not play.
	 */
	idle(): Promise<void> {
		return this.#activity.idle();
	}

	/** Resolves as soon as it is true; it is looked at whenever something has changed here. Throws as `idle` does. */
	until(isTrue: () => boolean): Promise<void> {
		return this.#activity.until(isTrue);
	}

	/** Gives up what is being asked, and stops. */
	async stop(): Promise<void> {
		for (const run of this.runs) this.#executor.forget(run);
		this.#stopped.abort();
		await this.#api.close();
	}

	#register(configs: readonly FunctionConfig[]): void {
		for (const fn of configs.map(readFunction)) {
			const known = this.functions.findIndex(({ id }) => id === fn.id);
			this.functions.splice(known < 0 ? this.functions.length : known, known < 0 ? 0 : 1, fn);
			for (const run of this.runs) if (run.functionId === fn.id) run.fn = fn;
		}
	}

	#accept(events: readonly AcceptedEvent[]): void {
		this.events.push(...events);
		for (const { internalId: _, bytes: __, isLost, ...event } of events) if (!isLost) this.#handle(event);
		this.#pumpSoon();
	}

	/** Cancels first: an event never cancels the run that it starts. */
	#handle(event: InngestEvent): void {
		for (const run of this.runs.filter((one) => !one.isOver && this.#isCancelledBy(one, event))) {
			this.#executor.cancel(run);
		}
		for (const fn of this.functions.filter((one) => isTriggeredBy(one, event))) {
			const key = JSON.stringify([fn.id, event.id]);
			const takenAtMs = this.#taken.get(key);
			if (takenAtMs !== undefined && this.#clock.now() - takenAtMs < dedupeMs) continue;
			this.#taken.set(key, this.#clock.now());
			this.runs.push(this.#executor.start(fn, event));
		}
	}

	#isCancelledBy(run: Run, event: InngestEvent): boolean {
		const ageMs = this.#clock.now() - run.queuedAtMs;
		return run.fn.cancelOn.some(
			({ event: name, matches, timeoutMs }) =>
				name === event.name &&
				(timeoutMs === undefined || ageMs <= timeoutMs) &&
				matches({ event: run.event, async: event }) === true,
		);
	}

	#checkpoint(run: Run, { qi_id, request_id, steps }: CheckpointBody): "kept" | "stale" {
		for (const op of steps) {
			if (op.op !== "StepRun") throw new Error(`cannot checkpoint opcode: ${op.op}`);
			run.remember(op, { type: "data", data: op.data ?? null });
		}
		this.#activity.changed();
		return request_id !== undefined && this.#executor.isStale(qi_id, request_id) ? "stale" : "kept";
	}

	/** The end of a run that was started by such an event is told to nobody, or it would go on for ever. */
	#tellEnd(run: Run, end: RunEnd): void {
		if (["inngest/function.finished", "inngest/function.failed"].includes(run.event.name)) return;
		const now = this.#clock.now();
		const data = {
			function_id: run.functionId,
			run_id: run.id,
			event: run.event,
			events: [run.event],
			...(run.error ? { error: run.error } : { result: run.output }),
			_inngest: { status: `${end.slice(0, 1).toUpperCase()}${end.slice(1)}` },
		};
		const sent = [{ id: ulid(now), name: "inngest/function.finished", data, ts: now, user: {} }];
		// The run's id as the event's: however often a run ends, its handlers run once.
		if (end !== "completed") sent.push({ id: run.id, name: `inngest/function.${end}`, data, ts: now, user: {} });
		this.ownEvents.push(...sent);
		for (const event of sent) this.#handle(event);
	}

	/** After the answer to who set it off, as the real server does. */
	#pumpSoon(): void {
		this.#activity.enter();
		setImmediate(() => {
			this.#executor.pump();
			this.#activity.leave();
		});
	}

	#run(runId: string): Run {
		const run = this.runs.find(({ id }) => id === runId);
		if (!run) throw new Error(`There is no run ${runId}.`);
		return run;
	}
}

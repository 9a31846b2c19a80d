import type { Clock } from "../core/clock.ts";
import { type JobAnswer, type JobSnapshot, jobEvent, readyEvent } from "../http/protocol.ts";
import { fromNetworkFailure, ProblemError } from "./problem-error.ts";
import type { Request } from "./request.ts";
import { createSseParser, type ServerSentEvent } from "./sse-parser.ts";

/** A connection that has not caught up after this many ms is held back somewhere on the way, and no use. */
export const readyWithinMs = 10_000;
/** Longest silence in ms before a connection counts as dead; the server's heartbeat comes more often. */
const silenceMs = 45_000;

export interface ConnectionOptions {
	readonly request: Request;
	readonly clock: Clock;
	/** Where to resume; "" to begin with all active jobs. */
	readonly cursor: string;
	/** Ends it. */
	readonly stop: AbortSignal;
	readonly onJob: (job: JobSnapshot) => void;
	/** Where the next connection is to resume. */
	readonly onCursor: (cursor: string) => void;
	/**
	 * It has caught up. `seen` names the jobs that it has shown when it began without a cursor, so that others have
	 * to be read; undefined when it resumed, and so nothing was missed.
	 */
	readonly onUp: (seen: ReadonlySet<string> | undefined) => void;
}

/**
 * One connection to `GET /events`, from its request to its end. It reads the stream with `fetch` and not with
 * `EventSource`, which tells neither why it failed nor when it has gone silent.
 */
export class EventConnection {
	readonly #options: ConnectionOptions;
	readonly #abort = new AbortController();
	readonly #seen = new Set<string>();
	#readyAt: number | undefined;
	#cancelSilence = () => {};
	#cancelReady = () => {};

	constructor(options: ConnectionOptions) {
		this.#options = options;
		const { stop } = options;
		stop.addEventListener("abort", () => this.#abort.abort(stop.reason), { signal: this.#abort.signal });
	}

	/** Ms since it had caught up; 0 when it never did. */
	livedMs(): number {
		return this.#readyAt === undefined ? 0 : this.#options.clock.now() - this.#readyAt;
	}

	/** Resolves with why it ended. */
	async follow(): Promise<ProblemError> {
		this.#cancelReady = this.#options.clock.after(readyWithinMs, () => this.#abort.abort());
		this.#listen();
		try {
			const { cursor, request } = this.#options;
			const query = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
			const response = await request("GET", `/events${query}`, {
				headers: { accept: "text/event-stream" },
				signal: this.#abort.signal,
			});
			await this.#read(response);
			return interrupted("The event stream ended.");
		} catch (cause) {
			const error = fromNetworkFailure(cause);
			return error instanceof ProblemError ? error : interrupted("The event stream fell silent.", error);
		} finally {
			this.#cancelReady();
			this.#cancelSilence();
			this.#abort.abort();
		}
	}

	async #read(response: Response): Promise<void> {
		if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
			throw new ProblemError("bad_answer", {
				status: response.status,
				title: "No event stream",
				detail: "The server did not answer with an event stream.",
				retryable: false,
			});
		}
		const feed = createSseParser((event) => this.#take(event));
		const decoder = new TextDecoder();
		const reader = response.body.getReader();
		for (let part = await reader.read(); !part.done; part = await reader.read()) {
			this.#listen();
			feed(decoder.decode(part.value, { stream: true }));
			if (this.#abort.signal.aborted) return;
		}
	}

	#listen(): void {
		this.#cancelSilence();
		this.#cancelSilence = this.#options.clock.after(silenceMs, () => this.#abort.abort());
	}

	#take(event: ServerSentEvent): void {
		if (this.#abort.signal.aborted) return;
		const { cursor, clock, onJob, onUp, onCursor } = this.#options;
		if (event.event === jobEvent) {
			const { job } = JSON.parse(event.data) as JobAnswer;
			if (this.#readyAt === undefined) this.#seen.add(job.id);
			onJob(job);
		} else if (event.event === readyEvent) {
			this.#cancelReady();
			this.#readyAt = clock.now();
			onUp(cursor === "" ? this.#seen : undefined);
		}
		// Until a new connection has shown all active jobs, its cursor would skip those not shown yet.
		const isResumable = cursor !== "" || this.#readyAt !== undefined;
		if (isResumable && event.id !== "") onCursor(event.id);
	}
}

function interrupted(detail: string, cause?: unknown): ProblemError {
	return new ProblemError("offline", { status: 0, title: "Connection lost", detail, retryable: true, cause });
}

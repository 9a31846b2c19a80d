import { type ConnectionOptions, EventConnection } from "./event-connection.ts";
import type { ProblemError } from "./problem-error.ts";

/** A connection that lived this many ms was a good one: its end is no failure. */
const goodAfterMs = 5_000;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

export interface EventLinkOptions extends Pick<ConnectionOptions, "request" | "clock" | "onJob" | "onUp"> {
	/** A try has failed; the next one follows by itself. */
	readonly onDown: (error: ProblemError) => void;
}

/**
 * A connection to `GET /events`, opened again whenever it ends, for as long as it is wanted.
 *
 *     open() ──► connecting ──ready──► up ──ends──► connecting with the cursor, within half a second
 *                    ▲  └──fails──► onDown ──┐
 *                    └───── 1 s … 1 min ─────┘
 */
export class EventLink {
	readonly #options: EventLinkOptions;
	#cursor = "";
	#stop: AbortController | undefined;
	#endWait = () => {};

	constructor(options: EventLinkOptions) {
		this.#options = options;
	}

	/** Idempotent; one that waits for its next try makes it now. */
	open(): void {
		if (this.#stop) {
			this.#endWait();
			return;
		}
		this.#stop = new AbortController();
		void this.#run(this.#stop.signal);
	}

	/** The cursor is kept: opened again, it misses nothing. */
	close(): void {
		this.#stop?.abort();
		this.#stop = undefined;
		this.#endWait();
	}

	/** The next connection begins anew. For another viewer, whose cursors are others. */
	forget(): void {
		this.#cursor = "";
	}

	async #run(stop: AbortSignal): Promise<void> {
		let failures = 0;
		while (!stop.aborted) {
			const connection = new EventConnection({
				...this.#options,
				cursor: this.#cursor,
				stop,
				onCursor: (cursor) => {
					this.#cursor = cursor;
				},
			});
			const error = await connection.follow();
			if (stop.aborted) return;
			failures = connection.livedMs() >= goodAfterMs ? 0 : failures + 1;
			if (failures > 0) this.#options.onDown(error);
			await this.#wait(waitMs(failures, error));
		}
	}

	#wait(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const cancel = this.#options.clock.after(ms, resolve);
			this.#endWait = () => {
				cancel();
				resolve();
			};
		});
	}
}

/** Half of each wait is random: pages that a restarting server dropped together do not come back together. */
function waitMs(failures: number, error: ProblemError): number {
	const isRefusal = error.status >= 400 && !error.retryable;
	const full = isRefusal ? longestWaitMs : Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
	return Math.max(error.retryAfterMs ?? 0, full * (1 - Math.random() / 2));
}

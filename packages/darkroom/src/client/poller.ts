import type { Clock } from "../core/clock.ts";

/** Ms between two rounds while something changes. */
const shortestMs = 3_000;
/** Ms between two rounds when nothing has changed for a while. */
const longestMs = 15_000;
const growth = 1.5;

export interface Round {
	readonly hasChanged: boolean;
	/** How long the server asks to wait, in ms; 0 for no wish. */
	readonly retryAfterMs: number;
}

/**
 * Asks again and again for as long as it is started: every 3 s while something changes, backing off to 15 s
 * while nothing does. A round begins only after the one before has ended.
 */
export class Poller {
	readonly #clock: Clock;
	readonly #round: () => Promise<Round>;
	#waitMs = shortestMs;
	/** Set while it is started; another one each time, so that a round that outlives a stop changes nothing. */
	#run: object | undefined;
	#cancel = () => {};

	/** `round` must not reject. */
	constructor(clock: Clock, round: () => Promise<Round>) {
		this.#clock = clock;
		this.#round = round;
	}

	/** The first round begins at once. Idempotent. */
	start(): void {
		if (!this.#run) this.restart();
	}

	/** Begins anew: a round at once, then short waits. */
	restart(): void {
		this.stop();
		this.#waitMs = shortestMs;
		const run = {};
		this.#run = run;
		void this.#next(run);
	}

	stop(): void {
		this.#run = undefined;
		this.#cancel();
	}

	async #next(run: object): Promise<void> {
		const { hasChanged, retryAfterMs } = await this.#round();
		if (this.#run !== run) return;
		const waitMs = hasChanged ? shortestMs : this.#waitMs;
		this.#waitMs = Math.min(longestMs, waitMs * growth);
		this.#cancel = this.#clock.after(Math.max(waitMs, retryAfterMs), () => void this.#next(run));
	}
}

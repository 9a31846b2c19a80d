/** Between two words about the same outage, in ms. */
const tellEveryMs = 10_000;

/** An outage up to now, or as a whole when it is over. */
export interface OutageSoFar {
	/** Questions that were not answered. */
	readonly failures: number;
	/** Since the first of them, in ms. */
	readonly awayMs: number;
}

/**
 * Whether something that is asked all the time is away, and when that is worth a word: at the first failure, then each 10 s
 * while it goes on, and when it is over. Every question on its own would say the same, many times a second.
 *
 *     there ──a failure──► away, told ──10 s later, a failure──► told again ──an answer──► there, told
 *
 * One that begins within 10 s of the last word is told only if it lasts: what answers some and not others never settles.
 */
export class Outage {
	readonly #now: () => number;
	#since: number | undefined;
	#failures = 0;
	#isTold = false;
	#toldAt = Number.NEGATIVE_INFINITY;

	/** @param now the time in ms, from whenever it counts */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** A question was not answered. What is to be told of it; undefined: nothing now. */
	failed(): OutageSoFar | undefined {
		const now = this.#now();
		this.#since ??= now;
		this.#failures++;
		if (now - this.#toldAt < tellEveryMs) return undefined;
		this.#toldAt = now;
		this.#isTold = true;
		return { failures: this.#failures, awayMs: now - this.#since };
	}

	/** A question was answered. The outage that is over by that, if it was told of; costs nothing where there is none. */
	answered(): OutageSoFar | undefined {
		if (this.#since === undefined) return undefined;
		const over = { failures: this.#failures, awayMs: this.#now() - this.#since };
		const wasTold = this.#isTold;
		this.#since = undefined;
		this.#failures = 0;
		this.#isTold = false;
		return wasTold ? over : undefined;
	}
}

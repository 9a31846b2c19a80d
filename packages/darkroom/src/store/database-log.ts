import type { Logger } from "../core/logger.ts";
import type { Change } from "./store.ts";

/** Characters. */
const longestWhat = 120;

/** Lines at `debug` for what a database did, with how long it took in ms. */
export class DatabaseLog {
	/** Whether anyone reads them; otherwise nothing has to be measured for them. */
	readonly isOn: boolean;
	readonly #logger: Logger;

	constructor(logger: Logger) {
		this.#logger = logger;
		this.isOn = logger.isLevelEnabled?.("debug") ?? true;
	}

	/**
	 * What is over now and began at `startedAt`, by `performance.now()`.
	 * @param what was done: a method of the store, or a query, of which the first words are enough to know it by. Its values
	 * stand apart and are no part of it.
	 */
	ended(message: string, startedAt: number, what: string): void {
		if (!this.isOn) return;
		const words = what.replace(/\s+/g, " ").trim().slice(0, longestWhat);
		this.#logger.debug({ what: words, durationMs: round(performance.now() - startedAt) }, message);
	}

	committed(changes: readonly Change[], transitions: number, durationMs: number): void {
		if (!this.isOn) return;
		const fields = { transitions, changes: changes.length, durationMs: round(durationMs) };
		this.#logger.debug(fields, "database commit");
	}
}

/** Microseconds are enough. */
function round(ms: number): number {
	return Math.round(ms * 1_000) / 1_000;
}

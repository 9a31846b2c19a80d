import type { Logger } from "../core/logger.ts";
import type { Change } from "./store.ts";

/** Lines at `debug` for what a database did, with how long it took in ms. */
export class DatabaseLog {
	/** Whether anyone reads them; otherwise nothing has to be measured for them. */
	readonly isOn: boolean;
	readonly #logger: Logger;

	constructor(logger: Logger) {
		this.#logger = logger;
		this.isOn = logger.isLevelEnabled?.("debug") ?? true;
	}

	/** What is over now and began at `startedAt`, by `performance.now()`. */
	ended(message: string, startedAt: number): void {
		if (this.isOn) this.#logger.debug({ durationMs: round(performance.now() - startedAt) }, message);
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

import type { Clock } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { Outage } from "../core/outage.ts";

/**
 * Whether the store is away, as all find who ask it in this process, and the only lines about that: one when it begins, one
 * each 10 s while it goes on, one when the store is back.
 */
export class StoreOutage {
	readonly #logger: Logger;
	readonly #outage: Outage;

	constructor(clock: Clock, logger: Logger) {
		this.#logger = logger;
		this.#outage = new Outage(() => clock.now());
	}

	/**
	 * Whether it is because the store is away that something failed: then it is told of here. Anything else is the caller's.
	 * @param what was asked, in a few words for the log
	 */
	explains(error: unknown, what: string): boolean {
		if (!isDarkroomError(error, "store_unavailable")) return false;
		const told = this.#outage.failed();
		if (told?.failures === 1) this.#logger.error({ what, err: error }, "the store is away");
		else if (told) this.#logger.warn({ what, ...told, err: error }, "the store is still away");
		return true;
	}

	/** The store has answered. */
	answered(): void {
		const over = this.#outage.answered();
		if (over) this.#logger.info({ ...over }, "the store is back");
	}
}

import type { Clock } from "../core/clock.ts";

/** Time in a browser; also works anywhere else that has `setTimeout`. */
export const browserClock: Clock = {
	now: () => Date.now(),
	after(delayMs, callback) {
		const timer = setTimeout(callback, delayMs);
		return () => clearTimeout(timer);
	},
};

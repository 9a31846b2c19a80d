import { createManualClock, type ManualClock } from "../../testing/manual-clock.ts";

/** The clock of one process, which can be paused as a whole: it then finds that time has passed, and its timers come late. */
export interface PausableClock extends Pick<ManualClock, "now" | "after" | "advance" | "until"> {
	/** Time passes by `ms`, and nothing happens in it. */
	pause(ms: number): void;
}

export function createPausableClock(startsAt?: number): PausableClock {
	const { now, after, advance, until } = createManualClock(startsAt);
	let pausedMs = 0;
	return {
		now: () => now() + pausedMs,
		after,
		advance,
		until,
		pause(ms) {
			pausedMs += ms;
		},
	};
}

/** Lets everything go as far as it comes without time moving. */
export async function settle(turns = 12): Promise<void> {
	for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

import { createManualClock, type ManualClock } from "../../testing/manual-clock.ts";
import { settle } from "./settle.testsuite.ts";

/** The clock of one process, which can be paused as a whole: it then finds that time has passed, and its timers come late. */
export interface PausableClock extends Pick<ManualClock, "now" | "after" | "advance" | "until"> {
	/** Time passes by `ms`, and nothing happens in it. */
	pause(ms: number): void;
	/** No timer of it comes any more: its process is dead. Absent where time stands still by itself. */
	halt?(): void;
}

/** Between two timers everything goes as far as it comes, however long the database takes to answer. */
export function createPausableClock(startsAt?: number, settled = settle): PausableClock {
	const { now, after, advance, until } = createManualClock(startsAt, settled);
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

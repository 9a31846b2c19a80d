import type { Clock } from "../core/clock.ts";

/** Calls every member once per period, for as long as it is one. */
export interface Heartbeat {
	/** Returns the way to leave. */
	join(beat: () => void): () => void;
}

/** A period is cut into this many turns, so that thousands of members never write in one turn of the event loop. */
const turnsPerPeriod = 16;

/**
 * One timer for all members, however many; none while there are none. Each member has its turn in the period, so
 * every `periodMs` it is called once.
 */
export function createHeartbeat(clock: Clock, periodMs: number): Heartbeat {
	const turns = Array.from({ length: turnsPerPeriod }, () => new Set<() => void>());
	let members = 0;
	let turn = 0;
	let next = 0;
	let cancelTimer: (() => void) | undefined;

	const arm = () => {
		cancelTimer = clock.after(periodMs / turnsPerPeriod, () => {
			arm();
			turn = (turn + 1) % turnsPerPeriod;
			for (const beat of turns[turn] ?? []) beat();
		});
	};

	return {
		join(beat) {
			const own = turns[next++ % turnsPerPeriod] as Set<() => void>;
			own.add(beat);
			if (members++ === 0) arm();
			return () => {
				if (!own.delete(beat)) return;
				if (--members === 0) cancelTimer?.();
			};
		},
	};
}

import type { Clock } from "../core/clock.ts";

/** Time that moves only by `advance`, which runs what is due on the way, in order. */
export interface ManualClock extends Clock {
	advance(ms: number): void;
	/** Resolves when a timer is set that was to wait `from` to `to` ms. `to` is `from` by default. */
	untilTimer(from: number, to?: number): Promise<void>;
	/** Timers that are set. */
	readonly pending: number;
}

interface Timer {
	readonly delayMs: number;
	readonly dueAt: number;
	readonly callback: () => void;
}

export function createManualClock(): ManualClock {
	let now = 1_000_000;
	const timers = new Set<Timer>();
	const waits = new Set<() => void>();
	return {
		now: () => now,
		after(delayMs, callback) {
			const timer = { delayMs, dueAt: now + delayMs, callback };
			timers.add(timer);
			for (const look of [...waits]) look();
			return () => {
				timers.delete(timer);
			};
		},
		advance(ms) {
			const until = now + ms;
			for (;;) {
				const due = [...timers].filter((timer) => timer.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0];
				if (!due) break;
				timers.delete(due);
				now = due.dueAt;
				due.callback();
			}
			now = until;
		},
		untilTimer: (from, to = from) =>
			new Promise((resolve) => {
				const look = () => {
					if (![...timers].some(({ delayMs }) => delayMs >= from && delayMs <= to)) return;
					waits.delete(look);
					resolve();
				};
				waits.add(look);
				look();
			}),
		get pending() {
			return timers.size;
		},
	};
}

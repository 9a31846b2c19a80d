import type { Clock } from "../core/clock.ts";

/** Time that moves only by `advance`, which runs what is due on the way, in order. */
export interface ManualClock extends Clock {
	advance(ms: number): void;
	/** Resolves when a timer is set that was to wait `from` to `to` ms. `to` is `from` by default. */
	untilTimer(from: number, to?: number): Promise<void>;
	/** Resolves when no timer is set that was to wait `delayMs`. */
	untilNoTimer(delayMs: number): Promise<void>;
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
	const hasTimer = (from: number, to: number) => [...timers].some(({ delayMs }) => delayMs >= from && delayMs <= to);
	const lookAgain = () => {
		for (const look of [...waits]) look();
	};
	const until = (isTrue: () => boolean) =>
		new Promise<void>((resolve) => {
			const look = () => {
				if (!isTrue()) return;
				waits.delete(look);
				resolve();
			};
			waits.add(look);
			look();
		});
	return {
		now: () => now,
		after(delayMs, callback) {
			const timer = { delayMs, dueAt: now + delayMs, callback };
			timers.add(timer);
			lookAgain();
			return () => {
				timers.delete(timer);
				lookAgain();
			};
		},
		advance(ms) {
			const endsAt = now + ms;
			for (;;) {
				const due = [...timers].filter((timer) => timer.dueAt <= endsAt).sort((a, b) => a.dueAt - b.dueAt)[0];
				if (!due) break;
				timers.delete(due);
				now = due.dueAt;
				due.callback();
			}
			now = endsAt;
			lookAgain();
		},
		untilTimer: (from, to = from) => until(() => hasTimer(from, to)),
		untilNoTimer: (delayMs) => until(() => !hasTimer(delayMs, delayMs)),
		get pending() {
			return timers.size;
		},
	};
}

import type { Clock } from "../core/clock.ts";
import { type Duration, toMs } from "../core/duration.ts";

/** Turns of the event loop after which what one timer set off has been committed and has come back. */
const turnsToSettle = 12;

/** Time that stands still until a test moves it. Give it to `createTestDarkroom`, or to `createDarkroom` itself. */
export interface ManualClock extends Clock {
	/**
	 * Moves on, and fires what is due on the way: each timer at its own time, in order, those of one time as they were
	 * set. Between two timers the event loop goes round, so that what a timer set off can set its own within the way.
	 * @throws `invalid_input` when it is no duration: time never goes back.
	 */
	advance(duration: Duration): Promise<void>;
	/** Moves from timer to timer until the promise settles, and gives its result. */
	until<Result>(promise: Promise<Result>): Promise<Result>;
	/** Timers that are set. */
	readonly pending: number;
}

interface Timer {
	readonly dueAt: number;
	readonly callback: () => void;
}

/**
 * @param startsAt ms since 1970. Default: the first moment of 2030, so that no test mistakes it for the real time.
 * @param settle Resolves when what a timer set off has gone as far as it comes. Default: after some turns of the event
 * loop, which is enough for a database in this process.
 */
export function createManualClock(startsAt = Date.UTC(2030, 0, 1), settle = someTurns): ManualClock {
	let now = startsAt;
	const timers = new Set<Timer>();

	function next(): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of timers) if (!first || timer.dueAt < first.dueAt) first = timer;
		return first;
	}

	async function fire(timer: Timer): Promise<void> {
		timers.delete(timer);
		now = Math.max(now, timer.dueAt);
		timer.callback();
		await settle();
	}

	return {
		now: () => now,
		after(delayMs, callback) {
			// Whole milliseconds, as setTimeout counts: a store keeps times as integers.
			const timer = { dueAt: now + Math.trunc(Math.max(0, delayMs)), callback };
			timers.add(timer);
			return () => {
				timers.delete(timer);
			};
		},
		async advance(duration) {
			const endsAt = now + toMs(duration);
			await settle();
			for (let timer = next(); timer && timer.dueAt <= endsAt; timer = next()) await fire(timer);
			now = endsAt;
		},
		async until(promise) {
			let isSettled = false;
			const done = () => {
				isSettled = true;
			};
			promise.then(done, done);
			for (await settle(); !isSettled; ) {
				const timer = next();
				await (timer ? fire(timer) : settle());
			}
			return promise;
		},
		get pending() {
			return timers.size;
		},
	};
}

async function someTurns(): Promise<void> {
	for (let turn = 0; turn < turnsToSettle; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Time as everything in Darkroom sees it, so that tests can move it by hand. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Calls `callback` once after `delayMs`; the result cancels it. Never keeps the process alive. */
	after(delayMs: number, callback: () => void): () => void;
}

/** Calls `work` after this turn of the event loop; in Node `setImmediate`. */
export type Defer = (work: () => void) => void;

/** The machine's own. */
export const systemDefer: Defer = (work) => void setImmediate(work);

/** setTimeout fires at once when the delay does not fit 32 bits; no wait of ours needs to be longer in one piece. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * setTimeout counts whole milliseconds in a rhythm of its own, so by Date it may come before its time, by less than this. What
 * is due then would not look so, and be done once more.
 */
const mostEarlyMs = 2;

/** The machine's own. No timer of it comes before its time by `now`. */
export const systemClock: Clock = {
	now: () => Date.now(),
	after(delayMs, callback) {
		const dueAt = Date.now() + delayMs;
		let timer: ReturnType<typeof setTimeout>;
		const set = (waitMs: number) => {
			timer = setTimeout(fire, waitMs);
			timer.unref?.();
		};
		const fire = () => {
			const restMs = dueAt - Date.now();
			// More is left where the wait did not fit a timer, or Date was set back.
			if (restMs > 0 && restMs < mostEarlyMs) set(1);
			else callback();
		};
		set(Math.min(Math.max(delayMs, 0), longestTimerMs));
		return () => clearTimeout(timer);
	},
};

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(signal.reason);
		const abort = () => {
			cancel();
			reject(signal?.reason);
		};
		const cancel = clock.after(delayMs, () => {
			signal?.removeEventListener("abort", abort);
			resolve();
		});
		signal?.addEventListener("abort", abort, { once: true });
	});
}

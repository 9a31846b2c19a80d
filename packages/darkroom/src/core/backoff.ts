import { type Duration, toMs } from "./duration.ts";

/** How long to wait before the next try. `attempt` is the one that just failed, from 1; `random` is in [0, 1). */
export type Backoff = (attempt: number, random: number) => number;

export interface ExponentialOptions {
	/** Growth from one wait to the next. Default 2. */
	readonly factor?: number;
	/** The longest wait. Default `"1m"`. */
	readonly max?: Duration;
	/** The share of each wait that is random, 0 to 1: it keeps failed jobs from coming back all at once. Default 0.2. */
	readonly jitter?: number;
}

/**
 * Waits of `first`, `first * factor`, … up to `max`; jitter only shortens them, so a wait never exceeds
 * what the definition says.
 */
export function exponential(first: Duration, options: ExponentialOptions = {}): Backoff {
	const firstMs = toMs(first);
	const maxMs = toMs(options.max ?? "1m");
	const factor = options.factor ?? 2;
	const jitter = options.jitter ?? 0.2;
	return (attempt, random) => {
		// Without the inner bound a first wait of 0 would be multiplied by Infinity in the end, which is not a number.
		const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
		const full = Math.min(maxMs, firstMs * growth);
		return Math.round(full * (1 - jitter * random));
	};
}

/** The same wait every time. */
export function constant(wait: Duration): Backoff {
	const waitMs = toMs(wait);
	return () => waitMs;
}

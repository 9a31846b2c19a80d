import type { Clock } from "../../core/clock.ts";

interface Timer {
	readonly at: number;
	readonly callback: () => void;
}

/** Turns of the event loop after which everything that one timer set off has reached the store and come back. */
const turnsToSettle = 12;

/** Time that stands still until a test moves it, so that nothing in a test depends on how fast the machine is. */
export class HandClock implements Clock {
	#now: number;
	readonly #timers = new Set<Timer>();

	constructor(nowMs = Date.UTC(2030, 0, 1)) {
		this.#now = nowMs;
	}

	now(): number {
		return this.#now;
	}

	after(delayMs: number, callback: () => void): () => void {
		const timer = { at: this.#now + Math.max(0, delayMs), callback };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** Moves on by `ms`; whatever is due on the way is called at its own time, in order. */
	async advance(ms: number): Promise<void> {
		const endsAt = this.#now + ms;
		await settle();
		for (let next = this.#next(); next && next.at <= endsAt; next = this.#next()) await this.#fire(next);
		this.#now = endsAt;
		await settle();
	}

	/** Moves on at once, as for a process that was paused, and before any of its timers has come. */
	skip(ms: number): void {
		this.#now += ms;
	}

	/** The same; then what is due comes late, all of it at the same time. */
	async leap(ms: number): Promise<void> {
		await settle();
		this.skip(ms);
		await this.advance(0);
	}

	/** Moves from timer to timer until the promise settles, and gives its result. */
	async until<Result>(promise: Promise<Result>): Promise<Result> {
		let isSettled = false;
		const settled = promise.finally(() => {
			isSettled = true;
		});
		settled.catch(() => {});
		for (await settle(); !isSettled; ) {
			const next = this.#next();
			if (next) await this.#fire(next);
			else await settle();
		}
		return settled;
	}

	#next(): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of this.#timers) if (!first || timer.at < first.at) first = timer;
		return first;
	}

	async #fire(timer: Timer): Promise<void> {
		this.#timers.delete(timer);
		this.#now = Math.max(this.#now, timer.at);
		timer.callback();
		await settle();
	}
}

/** Lets everything go as far as it comes without time moving. */
export async function settle(turns = turnsToSettle): Promise<void> {
	for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

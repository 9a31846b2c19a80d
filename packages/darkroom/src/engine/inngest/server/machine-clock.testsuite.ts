import { TestRunner } from "vitest";
import { systemClock } from "../../../core/clock.ts";
import { toMs } from "../../../core/duration.ts";
import type { PausableClock } from "../../suite/pausable-clock.testsuite.ts";

/** The longest that a test may have time pass at once. */
const patienceMs = 20_000;

/** The machine's time as one process has it: no test moves it, so all wait. `limitMs`: how long for what has to come. */
export function createMachineClock(limitMs: number): PausableClock {
	const timers = new Set<() => void>();
	let isHalted = false;

	function after(delayMs: number, callback: () => void): () => void {
		if (isHalted) return () => {};
		const clear = systemClock.after(delayMs, () => {
			timers.delete(clear);
			callback();
		});
		timers.add(clear);
		return () => {
			timers.delete(clear);
			clear();
		};
	}

	return {
		now: systemClock.now,
		after,
		advance(duration) {
			const ms = toMs(duration);
			if (ms > patienceMs) skip(`has ${ms / 1_000} s pass, and no server lets its clock be moved`);
			return new Promise((resolve) => setTimeout(resolve, ms));
		},
		async until(promise) {
			let timer: NodeJS.Timeout | undefined;
			const tooLong = new Promise<never>((_, reject) => {
				const detail = `Not so after ${limitMs / 1_000} s of the machine's time. A test that only waits for longer should wait for less.`;
				timer = setTimeout(() => reject(new Error(detail)), limitMs);
			});
			return Promise.race([promise, tooLong]).finally(() => clearTimeout(timer));
		},
		pause: () => skip("pauses a process, and the machine's time is everybody's"),
		halt() {
			isHalted = true;
			for (const clear of timers) clear();
		},
	};
}

/** Ends the test, as one that was left out for this reason. */
function skip(reason: string): never {
	const test = TestRunner.getCurrentTest();
	if (!test) throw new Error(`A test ${reason}.`);
	return test.context.skip(reason);
}

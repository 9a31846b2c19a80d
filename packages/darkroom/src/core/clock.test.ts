import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";

test("a timer never comes before its time, by the clock that set it", async () => {
	const early: number[] = [];
	const timer = (delayMs: number) =>
		new Promise<void>((resolve) => {
			const dueAt = systemClock.now() + delayMs;
			systemClock.after(delayMs, () => {
				if (systemClock.now() < dueAt) early.push(delayMs);
				resolve();
			});
		});
	// They are set at all moments of a millisecond, in one of ten of which setTimeout itself would be early.
	const set = async (index: number) => {
		await timer(index / 8);
		await timer(5 + (index % 7));
		await timer(2.5);
	};
	await Promise.all(Array.from({ length: 2_000 }, (_, index) => set(index)));
	expect(early).toEqual([]);
});

test("a timer that is cancelled never comes", async () => {
	let came = 0;
	const cancels = Array.from({ length: 500 }, (_, index) => systemClock.after(2 + (index % 3), () => came++));
	await new Promise<void>((resolve) => systemClock.after(1, resolve));
	const before = came;
	for (const cancel of cancels) cancel();
	await new Promise<void>((resolve) => systemClock.after(20, resolve));
	expect(came).toBe(before);
});

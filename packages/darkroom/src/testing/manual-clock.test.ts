import { expect, test } from "vitest";
import { sleep } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import { createManualClock } from "./manual-clock.ts";

test("time stands still until it is moved, and then moves exactly that far", async () => {
	const clock = createManualClock(1_000);
	expect(clock.now()).toBe(1_000);
	await clock.advance("1.5s");
	expect(clock.now()).toBe(2_500);
});

test("timers fire in the order of their times, each at its own, and those of one time as they were set", async () => {
	const clock = createManualClock(0);
	const fired: [string, number][] = [];
	for (const [name, delayMs] of [
		["late", 30],
		["early", 10],
		["middle", 20],
		["middle too", 20],
		["too late", 31],
	] as const) {
		clock.after(delayMs, () => fired.push([name, clock.now()]));
	}
	await clock.advance(30);
	expect(fired).toEqual([
		["early", 10],
		["middle", 20],
		["middle too", 20],
		["late", 30],
	]);
	expect(clock.pending).toBe(1);
});

test("what a timer sets off may set timers within the same way", async () => {
	const clock = createManualClock(0);
	const woken: number[] = [];
	async function sleepTwice() {
		await sleep(clock, 10);
		woken.push(clock.now());
		await sleep(clock, 10);
		woken.push(clock.now());
	}
	const done = sleepTwice();
	await clock.advance(20);
	await done;
	expect(woken).toEqual([10, 20]);
});

test("a timer that was cancelled does not fire", async () => {
	const clock = createManualClock();
	const cancel = clock.after(10, () => {
		throw new Error("It fired.");
	});
	cancel();
	await clock.advance("1h");
	expect(clock.pending).toBe(0);
});

test("a promise is waited for by moving from timer to timer, no further than it takes", async () => {
	const clock = createManualClock(0);
	clock.after(3_600_001, () => {});
	expect(await clock.until(sleep(clock, 3_600_000).then(() => clock.now()))).toBe(3_600_000);
	await expect(clock.until(sleep(clock, 5, AbortSignal.abort("stopped")))).rejects.toBe("stopped");
	expect(clock.now()).toBe(3_600_000);
});

test("time never goes back", async () => {
	const error = await createManualClock()
		.advance(-1)
		.catch((reason: unknown) => reason);
	expect(isDarkroomError(error, "invalid_input")).toBe(true);
});

test("fires a timer after whole milliseconds, so that no time read from it is a fraction", async () => {
	const clock = createManualClock(0);
	const fired: number[] = [];
	clock.after(2_000 / 3, () => fired.push(clock.now()));
	await clock.advance(1_000);
	expect(fired).toEqual([666]);
});

import { expect, test } from "vitest";
import { Outage } from "./outage.ts";

let now = 0;
/** What was told of questions that failed each so many ms, up to a time. */
function failing(outage: Outage, everyMs: number, untilMs: number) {
	const told = [];
	for (; now < untilMs; now += everyMs) told.push(outage.failed());
	return told.filter((one) => one !== undefined);
}

test("an outage is told at its first failure, then each ten seconds, and once when it is over", () => {
	now = 0;
	const outage = new Outage(() => now);
	expect(outage.answered()).toBeUndefined();
	expect(failing(outage, 250, 25_000)).toEqual([
		{ failures: 1, awayMs: 0 },
		{ failures: 41, awayMs: 10_000 },
		{ failures: 81, awayMs: 20_000 },
	]);
	expect(outage.answered()).toEqual({ failures: 100, awayMs: 25_000 });
	expect(outage.answered()).toBeUndefined();
});

test("what answers every other question is told of twice in ten seconds, not each time", () => {
	now = 0;
	const outage = new Outage(() => now);
	let told = 0;
	for (; now < 30_000; now += 500) {
		if (outage.failed()) told++;
		if (outage.answered()) told++;
	}
	expect(told).toBe(6);
});

test("an outage soon after another is told of once it lasts, with how long it has by then", () => {
	now = 0;
	const outage = new Outage(() => now);
	outage.failed();
	outage.answered();
	now = 4_000;
	expect(failing(outage, 1_000, 12_000)).toEqual([{ failures: 7, awayMs: 6_000 }]);
	expect(outage.answered()).toEqual({ failures: 8, awayMs: 8_000 });
});

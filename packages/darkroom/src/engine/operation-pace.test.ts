import { describe, expect, test } from "vitest";
import { constant, exponential } from "../core/backoff.ts";
import { firstWait, stretch, waitAfter } from "./operation-pace.ts";

/** Of a run of Inngest. */
const mostSteps = 1_000;
/** Inngest's own wait is a step besides. */
const longWaitMs = 5_000;
const hourMs = 3_600_000;

describe("the waits of an operation", () => {
	test("follow its backoff from one look to the next, by the time alone", () => {
		const every = exponential("1s", { max: "8s", jitter: 0 });
		const waits = [firstWait(every, 0)];
		for (let elapsedMs = 1_000; waits.length < 6; elapsedMs += waits.at(-1) as number) {
			waits.push(waitAfter(every, elapsedMs, 0));
		}
		expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
	});

	test("have grown as far after a pause as if it had been looked at all the time", () => {
		const every = (look: number) => look * 1_000;
		expect(waitAfter(every, 1_000 + 2_000 + 3_000, 0)).toBe(4_000);
		expect(waitAfter(every, 1_000 + 2_000 + 2_999, 0)).toBe(3_000);
	});

	test("are 2 s at first and 15 s at most where nothing is said, a little less by chance", () => {
		expect(firstWait(undefined, 0)).toBe(2_000);
		expect(waitAfter(undefined, hourMs, 0)).toBe(15_000);
		expect(waitAfter(undefined, hourMs, 0.5)).toBe(13_500);
	});

	test.each([
		[0, 1],
		[-5, 15_000],
		[Number.NaN, 15_000],
		[Number.POSITIVE_INFINITY, 15_000],
	])("are never none: where the backoff says %d, they are %d ms", (said, waitMs) => {
		expect(waitAfter(() => said, hourMs, 0)).toBe(waitMs);
	});

	test.each([
		["where nothing is said", undefined],
		["of a second", constant("1s")],
		["of 5 seconds", constant("5s")],
	])("%s are so few in a host's hands that a day of them fits into one run", (_, every) => {
		let steps = 0;
		let looks = 0;
		for (let elapsedMs = 0; elapsedMs < 24 * hourMs; looks++) {
			const waitMs = stretch(waitAfter(every, elapsedMs, 0), looks);
			steps += waitMs >= longWaitMs ? 2 : 1;
			elapsedMs += waitMs;
		}
		expect(looks).toBeGreaterThan(300);
		expect(steps).toBeLessThan(mostSteps);
	});
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { constant, exponential } from "./backoff.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempt = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5_000 }));
const settings = fc.record({
	first: fc.integer({ min: 0, max: 120_000 }),
	factor: fc.double({ min: 1, max: 10, noNaN: true }),
	max: fc.integer({ min: 0, max: 3_600_000 }),
	jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("a wait is never negative and never longer than the longest allowed, however many attempts there were", () => {
	fc.assert(
		fc.property(settings, attempt, random, (options, n, chance) => {
			const wait = exponential(options.first, options)(n, chance);
			expect(wait).toBeGreaterThanOrEqual(0);
			expect(wait).toBeLessThanOrEqual(options.max);
		}),
	);
});

test("without jitter no wait is shorter than the one before", () => {
	fc.assert(
		fc.property(settings, attempt, random, (options, n, chance) => {
			const backoff = exponential(options.first, { ...options, jitter: 0 });
			expect(backoff(n + 1, chance)).toBeGreaterThanOrEqual(backoff(n, chance));
		}),
	);
});

test("jitter only shortens, and by no more than its share", () => {
	fc.assert(
		fc.property(settings, attempt, random, (options, n, chance) => {
			const full = exponential(options.first, { ...options, jitter: 0 })(n, chance);
			const wait = exponential(options.first, options)(n, chance);
			expect(wait).toBeLessThanOrEqual(full);
			expect(wait).toBeGreaterThanOrEqual(Math.floor(full * (1 - options.jitter)));
		}),
	);
});

test("the waits double from the first, up to a minute, unless told otherwise", () => {
	const backoff = exponential("1s", { jitter: 0 });
	expect([1, 2, 3, 6, 7, 8].map((n) => backoff(n, 0))).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

test("a constant wait is the same for every attempt", () => {
	fc.assert(
		fc.property(attempt, random, (n, chance) => {
			expect(constant("2.5s")(n, chance)).toBe(2_500);
		}),
	);
});

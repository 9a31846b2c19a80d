import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRange } from "./range.ts";

describe("a range of 1,000 bytes", () => {
	test.each([
		["bytes=0-99", { start: 0, end: 99 }],
		["bytes=900-", { start: 900, end: 999 }],
		["bytes=990-5000", { start: 990, end: 999 }],
		["bytes=-100", { start: 900, end: 999 }],
		["bytes=-5000", { start: 0, end: 999 }],
		["bytes=0-0", { start: 0, end: 0 }],
	])("%s is a part", (header, part) => {
		expect(parseRange(header, 1_000)).toEqual(part);
	});

	test.each(["bytes=1000-", "bytes=5000-6000", "bytes=-0"])("%s asks for nothing that there is", (header) => {
		expect(parseRange(header, 1_000)).toBe("unsatisfiable");
	});

	test.each([null, "", "bytes=-", "bytes=0-99,200-299", "lines=1-2", "bytes=9-5", "bytes=a-b"])(
		"%s is answered with the whole",
		(header) => {
			expect(parseRange(header, 1_000)).toBeUndefined();
		},
	);
});

test("nothing is satisfiable in an empty file", () => {
	expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
	expect(parseRange("bytes=-5", 0)).toBe("unsatisfiable");
});

test("a part always lies within the file", () => {
	const number = fc.option(fc.nat(), { nil: "" });
	fc.assert(
		fc.property(number, number, fc.nat(), (first, last, size) => {
			const part = parseRange(`bytes=${first}-${last}`, size);
			if (part === undefined || part === "unsatisfiable") return;
			expect(part.start).toBeGreaterThanOrEqual(0);
			expect(part.start).toBeLessThanOrEqual(part.end);
			expect(part.end).toBeLessThan(size);
		}),
	);
});

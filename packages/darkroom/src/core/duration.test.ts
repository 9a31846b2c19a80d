import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Duration, toMs } from "./duration.ts";
import { isDarkroomError } from "./errors.ts";

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));

function refusal(value: unknown): string | undefined {
	try {
		toMs(value as Duration);
	} catch (error) {
		return isDarkroomError(error, "invalid_input") ? error.detail : `not one of ours: ${error}`;
	}
	return undefined;
}

describe("a duration", () => {
	test("as a number is milliseconds", () => {
		fc.assert(
			fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (ms) => {
				expect(toMs(ms)).toBe(ms);
			}),
		);
	});

	test("as text is its number times its unit", () => {
		fc.assert(
			fc.property(fc.nat(), fc.integer({ min: 0, max: 99 }), unit, (whole, hundredths, name) => {
				const number = `${whole}.${String(hundredths).padStart(2, "0")}`;
				expect(toMs(`${Number(number)}${name}`)).toBe(Number(number) * units[name]);
			}),
		);
	});

	test.each([
		["negative", -1],
		["not a number", Number.NaN],
		["endless", Number.POSITIVE_INFINITY],
		["endless when read", `${"9".repeat(400)}d`],
		["negative text", "-5s"],
		["without a unit", "5"],
		["without a number", "m"],
		["of a unit that there is not", "5w"],
		["empty", ""],
		["with a space", "5 m"],
		["with something behind", "5m and more"],
	])("that is %s is refused, and the sentence says what to write", (_, value) => {
		expect(refusal(value)).toContain("is not a duration");
		expect(refusal(value)).toContain('"5m"');
	});

	test("is never anything but a finite number that is not negative, whatever the text", () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				if (refusal(text) !== undefined) return;
				const ms = toMs(text as Duration);
				expect(Number.isFinite(ms) && ms >= 0).toBe(true);
			}),
		);
	});
});

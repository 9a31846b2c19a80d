import fc from "fast-check";
import { expect, test } from "vitest";
import { toIso } from "./snapshot.ts";

test("a time is written as ISO 8601 writes it", () => {
	const years1970To9999 = fc.integer({ min: 0, max: 253_402_300_799_999 });
	fc.assert(
		fc.property(years1970To9999, (ms) => {
			expect(toIso(ms)).toBe(new Date(ms).toISOString());
		}),
	);
});

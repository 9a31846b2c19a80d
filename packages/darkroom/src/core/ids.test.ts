import fc from "fast-check";
import { expect, test } from "vitest";
import { newId, newLeaseToken } from "./ids.ts";

/** 45 bits of milliseconds: until the year 3084. */
const time = fc.integer({ min: 0, max: 2 ** 45 - 1 });

test("an identifier of a later millisecond sorts behind every earlier one", () => {
	fc.assert(
		fc.property(time, time, (a, b) => {
			fc.pre(a !== b);
			expect(newId(a) < newId(b)).toBe(a < b);
		}),
	);
});

test("an identifier is 22 characters that are safe in URLs, file names and speech", () => {
	fc.assert(
		fc.property(time, (now) => {
			expect(newId(now)).toMatch(/^[0-9abcdefghjkmnpqrstvwxyz]{22}$/);
		}),
	);
});

test("identifiers of the same millisecond differ", () => {
	const ids = Array.from({ length: 20_000 }, () => newId(1_700_000_000_000));
	expect(new Set(ids).size).toBe(ids.length);
});

test("lease tokens differ, and are 16 characters of the same alphabet", () => {
	const tokens = Array.from({ length: 20_000 }, newLeaseToken);
	expect(new Set(tokens).size).toBe(tokens.length);
	for (const token of tokens) expect(token).toMatch(/^[0-9abcdefghjkmnpqrstvwxyz]{16}$/);
});

test("every character of the alphabet turns up in every place of chance", () => {
	const seen = Array.from({ length: 16 }, () => new Set<string>());
	for (let i = 0; i < 5_000; i++) {
		for (const [place, character] of [...newLeaseToken()].entries()) seen[place]?.add(character);
	}
	for (const place of seen) expect(place.size).toBe(32);
});

test("identifiers of one process sort in the order in which they were made, within a millisecond too", () => {
	const ids = Array.from({ length: 2_000 }, () => newId(1_700_000_000_001));
	expect(ids.toSorted()).toEqual(ids);
});

import { expect, it } from "vitest";
import { balanceWords, whyTooLittle, whyUnread } from "./balance-words.ts";

const known = { isKnown: true, error: null };
const away = new Error("away");

it("says what is available, and what is in use when something is", () => {
	expect(balanceWords({ available: 12, held: 3 })).toBe("12 available (3 in use)");
	expect(balanceWords({ available: 20, held: 0 })).toBe("20 available");
	expect(balanceWords({ available: 0, held: 2 })).toBe("0 available (2 in use)");
});

it("tells credits that are in use from credits that are gone", () => {
	expect(whyTooLittle({ available: 0, held: 2, ...known }, 1)).toContain("in use");
	expect(whyTooLittle({ available: 0, held: 0, ...known }, 1)).toContain("no credits left. Whoever runs this Studio");
	expect(whyTooLittle({ available: 1, held: 4, ...known }, 1)).toBeUndefined();
});

it("never takes credits that cannot be read for credits that are gone", () => {
	const unknown = { available: 0, held: 0, isKnown: false, error: away };
	expect(whyTooLittle(unknown, 1)).toBeUndefined();
	expect(whyUnread(unknown)).toMatch(/^Credits cannot be read at the moment. None are lost/);
	expect(whyTooLittle({ ...unknown, isKnown: true }, 1)).toBeUndefined();
	expect(whyUnread({ available: 3, held: 1, isKnown: true, error: away })).toContain("3 available (1 in use)");
	expect(whyUnread({ available: 3, held: 1, ...known })).toBeUndefined();
});

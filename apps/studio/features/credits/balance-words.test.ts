import { expect, it } from "vitest";
import { balanceWords, whyTooLittle } from "./balance-words.ts";

it("says what is available, and what is in use when something is", () => {
	expect(balanceWords({ available: 12, held: 3 })).toBe("12 available (3 in use)");
	expect(balanceWords({ available: 20, held: 0 })).toBe("20 available");
	expect(balanceWords({ available: 0, held: 2 })).toBe("0 available (2 in use)");
});

it("tells credits that are in use from credits that are gone", () => {
	expect(whyTooLittle({ available: 0, held: 2 }, 1)).toContain("in use");
	expect(whyTooLittle({ available: 0, held: 0 }, 1)).toContain("no credits left. Whoever runs this Studio");
	expect(whyTooLittle({ available: 1, held: 4 }, 1)).toBeUndefined();
});

import { expect, it } from "vitest";
import { balanceWords, whyTooLittle, whyUnread } from "./balance-words.ts";

const known = { isKnown: true, error: null };
const away = new Error("away");

it("says what is available, and what is in use when something is", () => {
	expect(balanceWords({ available: 12, held: 3 })).toBe("12 available (3 in use)");
	expect(balanceWords({ available: 20, held: 0 })).toBe("20 available");
	expect(balanceWords({ available: 0, held: 2 })).toBe("0 available (2 in use)");
});

const account = { price: 1, isGuest: false };
const guest = { price: 1, isGuest: true };

it("tells credits that are in use from credits that are gone", () => {
	const none = { available: 0, held: 0, ...known };
	expect(whyTooLittle({ ...none, held: 2 }, account)?.words).toContain("in use");
	expect(whyTooLittle(none, account)?.words).toContain("no credits left. Whoever runs this Studio");
	expect(whyTooLittle({ available: 1, held: 4, ...known }, account)).toBeUndefined();
});

it("promises credits in use back only where nothing comes of them", () => {
	for (const whose of [account, guest]) {
		const { words, needsAccount } = whyTooLittle({ available: 0, held: 2, ...known }, whose) ?? {};
		expect(words).toContain("spent when its plushie is ready");
		expect(words).toContain("comes back if that fails or is cancelled");
		expect(needsAccount).toBe(false);
	}
});

it("sends a guest without credits to an account, which alone can be given some", () => {
	const none = { available: 0, held: 0, ...known };
	expect(whyTooLittle(none, guest)).toMatchObject({ needsAccount: true });
	expect(whyTooLittle(none, guest)?.words).toContain("once you have an account");
	expect(whyTooLittle(none, account)).toMatchObject({ needsAccount: false });
});

it("never takes credits that cannot be read for credits that are gone", () => {
	const unknown = { available: 0, held: 0, isKnown: false, error: away };
	expect(whyTooLittle(unknown, account)).toBeUndefined();
	expect(whyUnread(unknown)).toMatch(/^Credits cannot be read at the moment. None are lost/);
	expect(whyTooLittle({ ...unknown, isKnown: true }, guest)).toBeUndefined();
	expect(whyUnread({ available: 3, held: 1, isKnown: true, error: away })).toContain("3 available (1 in use)");
	expect(whyUnread({ available: 3, held: 1, ...known })).toBeUndefined();
});

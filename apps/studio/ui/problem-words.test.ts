import { expect, it } from "vitest";
import { wordsOf } from "./problem-words.ts";

const detail = "The database cannot be used: it cannot be reached. What was accepted is kept; try again in a moment.";

it.each(["store_unavailable", "stopped", "bad_answer", "misconfigured"])(
	"says %s without the words of whoever runs the Studio",
	(code) => {
		const words = wordsOf({ code, title: "Storage is unavailable", detail });
		expect(words.detail).not.toMatch(/database|disk|accepted is kept/i);
		expect(words.title).not.toContain("Storage");
	},
);

it("leaves a refusal that speaks to the maker as it is", () => {
	const refusal = { code: "too_large", title: "Too large", detail: "The photo may have at most 20 MB." };
	expect(wordsOf(refusal)).toEqual({ title: refusal.title, detail: refusal.detail });
});

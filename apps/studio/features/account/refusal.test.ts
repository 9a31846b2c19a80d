import { expect, it } from "vitest";
import { refusalOf, sentenceFor } from "./refusal.ts";

it("takes a network that is away for a refusal, so that the form can be sent again", async () => {
	const refusal = await refusalOf(Promise.reject(new TypeError("Failed to fetch")));
	expect(refusal).toEqual({ status: 0 });
	expect(sentenceFor({ status: 0 }, "")).toBe("No answer came. Check your connection and try again.");
});

it("is none where it worked", async () => {
	expect(await refusalOf(Promise.resolve({ error: null }))).toBeUndefined();
});

it.each([
	[{ status: 503, code: "store_unavailable" }, "Sign-in cannot be reached at the moment."],
	[{ status: 429 }, "Wait."],
	[{ status: 401, code: "INVALID_EMAIL_OR_PASSWORD" }, "That e-mail and password do not belong together."],
	[{ status: 418, code: "TEAPOT" }, "That did not work. Please try again."],
])("says %j in words", (refusal, words) => {
	expect(sentenceFor(refusal, "Wait.")).toContain(words);
});

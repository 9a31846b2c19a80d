import { expect, it } from "vitest";
import { etaWords, plushieOf, wayOn } from "./plushie-job.ts";

it("tells a wait in words that do not flicker", () => {
	expect(etaWords(undefined)).toBeUndefined();
	expect(etaWords(0)).toBe("any moment now");
	expect(etaWords(4_200)).toBe("about 5 seconds left");
	expect(etaWords(11_000)).toBe("about 15 seconds left");
	expect(etaWords(14_900)).toBe("about 15 seconds left");
	expect(etaWords(58_000)).toBe("about a minute left");
	expect(etaWords(150_000)).toBe("about 3 minutes left");
});

it("shows a step's preview before the job is finished, and the output once it is", () => {
	const step = { name: "upload-generated", status: "completed", attempts: 1, preview: "drawn" } as const;
	expect(plushieOf({ steps: [] })).toBeUndefined();
	expect(plushieOf({ steps: [step] })).toBe("drawn");
	expect(plushieOf({ steps: [step], output: { plushie: "kept" } })).toBe("kept");
});

it("offers a retry for what can work another time, and otherwise says what can", () => {
	const failed = (code: "outage" | "moderated" | "invalid_input" | "misconfigured", retryable: boolean) =>
		wayOn({ status: "failed", error: { code, message: "", retryable } });
	expect(failed("outage", true)).toEqual({ canRetry: true });
	expect(failed("moderated", false)).toMatchObject({ canRetry: false, advice: expect.stringContaining("other notes") });
	expect(failed("invalid_input", false)).toMatchObject({
		canRetry: false,
		advice: expect.stringContaining("another photo"),
	});
	expect(failed("misconfigured", false)).toMatchObject({ advice: expect.stringContaining("not about your photo") });
	expect(wayOn({ status: "cancelled", error: { code: "cancelled", message: "", retryable: false } })).toEqual({
		canRetry: true,
	});
});

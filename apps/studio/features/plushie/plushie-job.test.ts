import { expect, it } from "vitest";
import {
	costWords,
	etaWords,
	leftOf,
	plushieOf,
	plushieSteps,
	reachOf,
	silenceWords,
	spokenName,
	wayOn,
} from "./plushie-job.ts";

it("tells a wait in words that do not flicker", () => {
	expect(etaWords(undefined)).toBeUndefined();
	expect(etaWords(0)).toBe("any moment now");
	expect(etaWords(4_200)).toBe("about 5 seconds left");
	expect(etaWords(11_000)).toBe("about 15 seconds left");
	expect(etaWords(14_900)).toBe("about 15 seconds left");
	expect(etaWords(58_000)).toBe("about a minute left");
	expect(etaWords(150_000)).toBe("about 3 minutes left");
});

it("says after a while without news what that may be, but not of a job that others are before", () => {
	expect(silenceWords({ status: "running" }, 19_000)).toBeUndefined();
	expect(silenceWords({ status: "running" }, 20_000)).toContain("another one takes over by itself");
	expect(silenceWords({ status: "queued", queuePosition: 0 }, 20_000)).toContain("should have begun by now");
	expect(silenceWords({ status: "queued", queuePosition: 3 }, 60_000)).toBeUndefined();
});

it("counts an estimate down to what the later steps need, not for long, and says when it has run out", () => {
	const step = (status: "completed" | "running") => ({ name: "step", status, attempts: 1 });
	const first = { etaMs: 5_000, steps: [step("running")] };
	expect([0, 500, 3_000, 4_000].map((passedMs) => leftOf(first, passedMs))).toEqual([5_000, 4_500, 4_000, 4_000]);
	expect([4_100, 6_900].map((passedMs) => leftOf(first, passedMs))).toEqual([-2_100, -4_900]);
	for (const passedMs of [4_100, 7_100]) expect(etaWords(leftOf(first, passedMs))).toBe("taking longer than usual");
	const last = { etaMs: 5_000, steps: [...Array(4).fill(step("completed")), step("running")] };
	expect([3_000, 6_000].map((passedMs) => leftOf(last, passedMs))).toEqual([2_000, 0]);
	expect(leftOf({ steps: [] }, 1_000)).toBeUndefined();
});

it("lets the bar creep to where the next step begins, and no further", () => {
	for (const [index, { beginsAt }] of plushieSteps.entries()) {
		const next = plushieSteps[index + 1]?.beginsAt ?? 100;
		expect(next).toBeGreaterThan(beginsAt);
		for (const progress of [beginsAt, next - 1]) {
			expect(reachOf({ status: "running", progress })).toBe(next);
		}
	}
	expect(reachOf({ status: "running", progress: 0 })).toBe(plushieSteps[0].beginsAt);
	for (const status of ["queued", "failed", "completed"] as const) expect(reachOf({ status, progress: 35 })).toBe(35);
});

it("shows a step's preview before the job is finished, and the output once it is", () => {
	const step = { name: "upload-generated", status: "completed", attempts: 1, preview: "drawn" } as const;
	expect(plushieOf({ steps: [] })).toBeUndefined();
	expect(plushieOf({ steps: [step] })).toBe("drawn");
	expect(plushieOf({ steps: [step], output: { plushie: "kept" } })).toBe("kept");
});

it("is read out by what it shows, or by what was asked for, and never by its id", () => {
	const output = { subject: "pet", description: "A brown dog.", features: [], plushie: "p" } as const;
	expect(spokenName({ status: "completed", input: { photo: "p" }, output: { ...output, features: [] } })).toBe(
		"A brown dog.",
	);
	expect(spokenName({ status: "failed", input: { photo: "p" } })).toBe("Failed plushie");
	const notes = "One ear folds over.";
	expect(spokenName({ status: "running", input: { photo: "p", notes } })).toBe(
		"Developing plushie “One ear folds over.”",
	);
	expect(spokenName({ status: "failed", input: { photo: "p", notes: "soft ears ".repeat(20) } })).toBe(
		"Failed plushie “soft ears soft ears soft ears soft ears soft ears soft ears …”",
	);
});

it("says what an end without a plushie cost", () => {
	expect(costWords({ charged: 0, price: 1 })).toBe("Nothing was charged: your credit is back.");
	expect(costWords({ charged: 0, price: 3 })).toBe("Nothing was charged: your credits are back.");
	expect(costWords({ charged: 0, price: 0 })).toBe("Nothing was charged.");
	expect(costWords({ charged: 2, price: 3 })).toBe("2 charged for what was delivered.");
});

it("offers a retry for what can work another time, and otherwise says what can", () => {
	const failed = (code: "outage" | "moderated" | "invalid_input" | "misconfigured" | "not_found", retryable: boolean) =>
		wayOn({ status: "failed", error: { code, message: "", retryable } });
	expect(failed("outage", true)).toEqual({ canRetry: true });
	expect(failed("not_found", false)).toMatchObject({ canRetry: false, advice: expect.stringContaining("other notes") });
	// What a model refuses comes with what to change.
	for (const code of ["moderated", "invalid_input"] as const) {
		expect(failed(code, false)).toEqual({ canRetry: false, advice: undefined });
	}
	expect(failed("misconfigured", false)).toMatchObject({ advice: expect.stringContaining("not about your photo") });
	expect(wayOn({ status: "cancelled", error: { code: "cancelled", message: "", retryable: false } })).toEqual({
		canRetry: true,
	});
});

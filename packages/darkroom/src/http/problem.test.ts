import { describe, expect, test } from "vitest";
import { DarkroomError } from "../core/errors.ts";
import { answerProblem } from "./problem.ts";

describe("an error of ours", () => {
	test("answers with its status, its words and its facts", async () => {
		const error = new DarkroomError("insufficient_credits", {
			detail: "This costs 8 credits and 3 are available.",
			data: { needed: 8, available: 3 },
		});
		const response = answerProblem(error);
		expect(response.status).toBe(402);
		expect(response.headers.get("content-type")).toBe("application/problem+json");
		expect(response.headers.get("cache-control")).toBe("no-store");
		expect(await response.json()).toEqual({
			type: "urn:darkroom:error:insufficient_credits",
			title: "Not enough credits",
			status: 402,
			detail: "This costs 8 credits and 3 are available.",
			code: "insufficient_credits",
			retryable: false,
			needed: 8,
			available: 3,
		});
	});

	test("keeps its HTTP status when the conflicting job's status is one of its facts", async () => {
		const error = new DarkroomError("conflict", { detail: "…", data: { jobId: "j1", status: "running", ageMs: 5 } });
		expect(await answerProblem(error).json()).toMatchObject({
			status: 409,
			jobStatus: "running",
			jobId: "j1",
			ageMs: 5,
		});
	});
});

describe("an error that is not ours", () => {
	test.each([new Error("connect postgres://app:secret@db"), "secret", undefined, { secret: true }])(
		"%s leaks nothing",
		async (error) => {
			const response = answerProblem(error);
			expect(response.status).toBe(500);
			const text = await response.text();
			expect(text).not.toContain("secret");
			expect(JSON.parse(text)).toMatchObject({ code: "internal", retryable: true });
		},
	);
});

describe("Retry-After", () => {
	test.each([
		[
			"as long as the error says, in whole seconds",
			new DarkroomError("throttled", { detail: "…", retryAfterMs: 1_200 }),
			"2",
		],
		["never 0", new DarkroomError("store_unavailable", { detail: "…", retryAfterMs: 1 }), "1"],
		["on every 503", new DarkroomError("store_unavailable", { detail: "…" }), "2"],
		["on every 429", new DarkroomError("too_many_active", { detail: "…" }), "5"],
		["not where coming back is no use", new DarkroomError("not_found", { detail: "…" }), null],
	])("%s", (_, error, expected) => {
		expect(answerProblem(error).headers.get("retry-after")).toBe(expected);
	});
});

import { describe, expect, it } from "vitest";
import { fromAnswer, fromNetworkFailure, isProblemError, ProblemError } from "./problem-error.ts";

const conflict = JSON.stringify({
	type: "about:blank",
	title: "Already being worked on",
	status: 409,
	detail: "Image generation is already in progress.",
	code: "conflict",
	retryable: false,
	jobId: "j1",
	jobStatus: "running",
	ageMs: 90_000,
});

describe("a refused request", () => {
	it("carries the server's code, sentence and facts", () => {
		const error = fromAnswer(409, conflict, null);
		expect(error).toMatchObject({
			code: "conflict",
			status: 409,
			title: "Already being worked on",
			message: "Image generation is already in progress.",
			retryable: false,
			retryAfterMs: undefined,
			data: { jobId: "j1", jobStatus: "running", ageMs: 90_000 },
		});
		expect(error.isOutcomeUnknown).toBe(false);
		expect(isProblemError(error, "conflict")).toBe(true);
		expect(isProblemError(error, "not_found")).toBe(false);
	});

	it("says when to come back", () => {
		expect(fromAnswer(503, "", "2").retryAfterMs).toBe(2_000);
		expect(fromAnswer(503, "", "Wed, 21 Oct 2026 07:28:00 GMT").retryAfterMs).toBeUndefined();
	});

	it("is a bad answer when it is none of Darkroom's", () => {
		for (const text of ["<html>Bad gateway</html>", "", "null", "{}", '{"error":"no"}']) {
			expect(fromAnswer(502, text, null)).toMatchObject({ code: "bad_answer", status: 502, retryable: true });
		}
		expect(fromAnswer(404, "Not here", null)).toMatchObject({ code: "bad_answer", retryable: false });
	});
});

describe("a request without an answer", () => {
	it("is offline, with its cause, and its outcome is unknown", () => {
		const cause = new TypeError("fetch failed");
		const error = fromNetworkFailure(cause);
		expect(error).toBeInstanceOf(ProblemError);
		expect(error).toMatchObject({ code: "offline", status: 0, retryable: true, cause, isOutcomeUnknown: true });
	});

	it("stays an abort when it was aborted", () => {
		const abort = new DOMException("stop", "AbortError");
		expect(fromNetworkFailure(abort)).toBe(abort);
	});
});

import { APICallError } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import { DarkroomError } from "../core/errors.ts";
import { classify } from "./failure.ts";
import { readRetryAfter } from "./retry-after.ts";
import { removeSecrets } from "./secrets.ts";

function callError(given: { status?: number; body?: unknown; headers?: Record<string, string>; cause?: unknown }) {
	return new APICallError({
		message: "the vendor's own words",
		url: "https://vendor.example/v1",
		requestBodyValues: {},
		...(given.status === undefined ? {} : { statusCode: given.status }),
		...(given.headers ? { responseHeaders: given.headers } : {}),
		...(given.body === undefined ? {} : { responseBody: JSON.stringify(given.body) }),
		cause: given.cause,
	});
}

describe("what a vendor answers becomes", () => {
	const fault = (code: string) => ({ error: { message: "…", type: "x", code } });
	test.each([
		["moderated", 400, fault("content_policy_violation")],
		["moderated", 400, fault("moderation_blocked")],
		["moderated", 403, fault("content_filter")],
		["invalid_input", 400, fault("invalid_value")],
		["invalid_input", 422, undefined],
		["invalid_input", 413, undefined],
		["throttled", 429, undefined],
		["throttled", 400, fault("rate_limit_exceeded")],
		["misconfigured", 429, fault("insufficient_quota")],
		["misconfigured", 401, undefined],
		["misconfigured", 402, undefined],
		["misconfigured", 403, undefined],
		["misconfigured", 404, fault("model_not_found")],
		["misconfigured", 400, { error: { status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] } }],
		["outage", 500, undefined],
		["outage", 503, undefined],
		["outage", 408, undefined],
		["outage", undefined, undefined],
		["ambiguous", 200, undefined],
	])("%s for status %s", (code, status, body) => {
		const error = callError({ ...(status === undefined ? {} : { status }), body });
		const classified = classify(error);
		expect(classified.code).toBe(code);
		expect(classified.cause).toBe(error);
		expect(classified.detail).not.toContain("own words");
	});

	test("an outage when the connection broke inside a good answer", () => {
		const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
		expect(classify(callError({ status: 200, cause: reset })).code).toBe("outage");
	});

	test("what its body names, when the vendor wraps a fault of its own in an answer that went well", () => {
		// The AI SDK gives such an answer of OpenAI's status 400 and its body as an object.
		const error = callError({ status: 400 });
		Object.assign(error, { responseBody: { error: { code: "server_error", message: "…" } } });
		expect(classify(error).code).toBe("outage");
	});

	test("the same as the last try, when the AI SDK gave up after several", () => {
		const error = Object.assign(new Error("Failed after 3 attempts"), {
			name: "AI_RetryError",
			lastError: callError({ status: 429 }),
		});
		expect(classify(error).code).toBe("throttled");
	});

	test("moderated when a structured answer was cut off by a content filter", () => {
		const named = (finishReason: string) =>
			Object.assign(new Error("No object generated"), { name: "AI_NoObjectGeneratedError", finishReason });
		expect(classify(named("content-filter")).code).toBe("moderated");
		expect(classify(named("stop")).code).toBe("ambiguous");
	});
});

test("an error of ours passes unchanged", () => {
	const error = new DarkroomError("unreadable_image", { detail: "The picture is broken." });
	expect(classify(error)).toBe(error);
});

test("a fault of the program is not taken for the vendor's", () => {
	const error = new TypeError("undefined is not a function");
	expect(classify(error)).toMatchObject({ code: "failed", retryable: true, cause: error });
	expect(classify("a thrown string").code).toBe("failed");
});

describe("how long to wait is read from", () => {
	const now = Date.parse("2026-06-01T10:00:00Z");
	test.each([
		[1_500, { "retry-after-ms": "1500", "retry-after": "9" }],
		[7_000, { "retry-after": "7" }],
		[30_000, { "retry-after": "Mon, 01 Jun 2026 10:00:30 GMT" }],
		[0, { "retry-after": "Mon, 01 Jun 2026 09:00:00 GMT" }],
		[600_000, { "retry-after": "86400" }],
		[undefined, { "retry-after": "soon" }],
		[undefined, {}],
	])("%s ms from %o", (expected, headers) => {
		expect(readRetryAfter(callError({ status: 429, headers }), now)).toBe(expected);
	});

	test("Google's retry info", () => {
		const body = { error: { code: 429, status: "RESOURCE_EXHAUSTED", details: [{ retryDelay: "34.5s" }] } };
		expect(classify(callError({ status: 429, body })).retryAfterMs).toBe(34_500);
	});
});

test("a key is taken out of an error and of everything that caused it", () => {
	const key = "sk-secret-0123456789";
	const inner = new Error(`refused ${key}`);
	const error = new APICallError({
		message: `Incorrect API key: ${key}`,
		url: `https://vendor.example/?key=${key}`,
		requestBodyValues: {},
		responseBody: `{"error":"${key}"}`,
		data: { error: { message: key } },
		cause: inner,
	});
	removeSecrets(error, [key]);
	const shown = [
		error.message,
		error.stack,
		error.url,
		error.responseBody,
		JSON.stringify(error.data),
		inner.message,
		inner.stack,
	];
	expect(shown.join("\n")).not.toContain(key);
	expect(error.message).toBe("Incorrect API key: [key removed]");
});

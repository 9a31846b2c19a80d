import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DarkroomError, type ErrorCode, errorRules, isDarkroomError, toFailure } from "./errors.ts";

const page = join(import.meta.dirname, "../../../../docs/reference/errors.md");

/** The rows of the page's table: `| \`code\` | status | retryable | title | …`. */
function readTable(): Record<string, unknown> {
	const rows = readFileSync(page, "utf8")
		.split("\n")
		.map((line) => /^\| `(\w+)` \| (\d+) \| (yes|no) \| ([^|]+?) \|/.exec(line))
		.filter((match) => match !== null);
	return Object.fromEntries(
		rows.map(([, code, status, retryable, title]) => [
			code,
			{ status: Number(status), retryable: retryable === "yes", title },
		]),
	);
}

describe("the table of errors", () => {
	test("is the same in docs/reference/errors.md, row for row and in the same order", () => {
		expect(Object.entries(readTable())).toEqual(Object.entries(errorRules));
	});

	test("has a status that HTTP has for errors, and a title, for every code", () => {
		for (const rule of Object.values(errorRules)) {
			expect(rule.status).toBeGreaterThanOrEqual(400);
			expect(rule.status).toBeLessThan(600);
			expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
		}
	});
});

describe("an error", () => {
	test("takes its status, title and whether it may be retried from the table", () => {
		for (const [code, rule] of Object.entries(errorRules)) {
			const error = new DarkroomError(code as ErrorCode, { detail: "What happened." });
			expect(error).toMatchObject({ code, ...rule, detail: "What happened.", message: "What happened.", data: {} });
		}
	});

	test("may say otherwise of one instance whether it may be retried", () => {
		expect(new DarkroomError("outage", { detail: "Gone for good.", retryable: false }).retryable).toBe(false);
	});

	test("keeps its cause, and has none where none was given", () => {
		const cause = new Error("socket closed");
		expect(new DarkroomError("outage", { detail: "No answer.", cause }).cause).toBe(cause);
		expect("cause" in new DarkroomError("outage", { detail: "No answer." })).toBe(false);
	});

	test("of another copy of the library is recognised by its name, and by its code", () => {
		const foreign = Object.assign(new Error("Busy."), { name: "DarkroomError", code: "throttled" });
		expect(isDarkroomError(foreign)).toBe(true);
		expect(isDarkroomError(foreign, "throttled")).toBe(true);
		expect(isDarkroomError(foreign, "outage")).toBe(false);
		expect(isDarkroomError(new Error("Busy."))).toBe(false);
		expect(isDarkroomError({ name: "DarkroomError", code: "throttled" })).toBe(false);
	});
});

describe("a failure that is kept", () => {
	test("has an error's code and words", () => {
		const error = new DarkroomError("moderated", { detail: "The prompt was refused." });
		expect(toFailure(error)).toEqual({ code: "moderated", message: "The prompt was refused.", retryable: false });
	});

	test.each([
		["an error", new Error("GET https://example.com/?key=sk-secret failed")],
		["a text", "sk-secret"],
		["an object", { key: "sk-secret" }],
		["nothing", undefined],
	])("has nothing of %s that is not ours, since it may hold a secret", (_, thrown) => {
		const failure = toFailure(thrown);
		expect(JSON.stringify(failure)).not.toContain("secret");
		expect(failure).toMatchObject({ code: "failed", retryable: true });
	});
});

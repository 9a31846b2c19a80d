import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./command.ts";
import {
	addTallies,
	closingLine,
	failureLines,
	nothing,
	oneFailure,
	tallyPlaywright,
	tallyVitest,
} from "./test-report.ts";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-report-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
	const file = join(folder, "report.json");
	writeFileSync(file, JSON.stringify(content));
	return file;
}

const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] };
const playwright = { stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 2 }, suites: [] };

describe("a run's tally", () => {
	test("counts what vitest and Playwright report", () => {
		expect(tallyVitest(report(vitest), 0)).toEqual({ ...nothing, passed: 5, skipped: 2 });
		expect(tallyPlaywright(report(playwright), 0)).toEqual({ ...nothing, passed: 4, skipped: 2 });
	});

	test("counts a file that failed before its first test", () => {
		const testResults = [
			{ name: join(root, "docs", "a.test.ts"), status: "failed", message: "no such module", assertionResults: [] },
			{
				name: join(root, "docs", "b.test.ts"),
				status: "passed",
				message: "",
				assertionResults: [{ status: "passed" }],
			},
		];
		const { failed, failures } = tallyVitest(report({ ...vitest, testResults }), 1);
		expect(failed).toBe(1);
		expect(failures).toEqual([{ test: "docs/a.test.ts", message: "no such module" }]);
	});

	test("is a failure when the runner failed although no test did", () => {
		expect(tallyVitest(report(vitest), 1).failed).toBe(1);
		expect(tallyPlaywright(report(playwright), 1).failed).toBe(1);
	});

	test("is a failure when the runner died before it wrote a report", () => {
		expect(tallyVitest(join(folder, "gone.json"), 1)).toEqual(oneFailure);
		expect(tallyPlaywright(join(folder, "gone.json"), 0).failed).toBe(1);
	});
});

describe("a failure", () => {
	test("is named by vitest's report", () => {
		const assertionResults = [
			{ status: "failed", fullName: "a job ends once", failureMessages: ["\u001b[31mexpected 1\u001b[39m, got 2"] },
			{ status: "passed", fullName: "a job begins", failureMessages: [] },
		];
		const testResults = [{ name: join(root, "docs", "a.test.ts"), status: "failed", message: "", assertionResults }];
		expect(tallyVitest(report({ ...vitest, numFailedTests: 1, testResults }), 1).failures).toEqual([
			{ test: "docs/a.test.ts › a job ends once", message: "expected 1, got 2" },
		]);
	});

	test("is named by Playwright's report, within its groups", () => {
		const failing = {
			title: "is drawn",
			ok: false,
			tests: [{ results: [{ errors: [{ message: "no such button" }] }] }],
		};
		const passing = { title: "is gone", ok: true, tests: [{ results: [{ errors: [] }] }] };
		const group = { title: "the gallery", specs: [passing, failing] };
		const suites = [{ title: "gallery.spec.ts", specs: [], suites: [group] }];
		expect(tallyPlaywright(report({ ...playwright, suites }), 1).failures).toEqual([
			{ test: "gallery.spec.ts › the gallery › is drawn", message: "no such button" },
		]);
	});

	test("is told with the first lines of what was said of it", () => {
		const message = Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n");
		const told = failureLines({ ...oneFailure, failures: [{ test: "a.test.ts › it", message }] }).split("\n");
		expect(told.slice(0, 2)).toEqual(["FAILED a.test.ts › it", "    line 0"]);
		expect(told).toHaveLength(16);
	});
});

describe("the closing line", () => {
	test("is the sum of all runs", () => {
		const total = addTallies([
			{ ...nothing, passed: 5, skipped: 2 },
			{ ...oneFailure, passed: 4 },
		]);
		expect(closingLine(total)).toBe("9 passed, 1 failed, 2 skipped");
	});

	test("says nothing of skips where there are none", () => {
		expect(closingLine({ ...nothing, passed: 9 })).toBe("9 passed, 0 failed");
	});
});

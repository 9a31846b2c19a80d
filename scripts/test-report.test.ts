import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTallies, closingLine, tallyPlaywright, tallyVitest } from "./test-report.ts";

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
const playwright = { stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 2 } };

describe("a run's tally", () => {
	test("counts what vitest and Playwright report", () => {
		expect(tallyVitest(report(vitest), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
		expect(tallyPlaywright(report(playwright), 0)).toEqual({ passed: 4, failed: 0, skipped: 2 });
	});

	test("counts a file that failed before its first test", () => {
		const testResults = [
			{ status: "failed", assertionResults: [] },
			{ status: "passed", assertionResults: [{}] },
		];
		expect(tallyVitest(report({ ...vitest, testResults }), 1).failed).toBe(1);
	});

	test("is a failure when the runner failed although no test did", () => {
		expect(tallyVitest(report(vitest), 1).failed).toBe(1);
		expect(tallyPlaywright(report(playwright), 1).failed).toBe(1);
	});

	test("is a failure when the runner died before it wrote a report", () => {
		expect(tallyVitest(join(folder, "gone.json"), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
		expect(tallyPlaywright(join(folder, "gone.json"), 0).failed).toBe(1);
	});
});

describe("the closing line", () => {
	test("is the sum of all runs", () => {
		const total = addTallies([
			{ passed: 5, failed: 0, skipped: 2 },
			{ passed: 4, failed: 1, skipped: 0 },
		]);
		expect(closingLine(total)).toBe("9 passed, 1 failed, 2 skipped");
	});

	test("says nothing of skips where there are none", () => {
		expect(closingLine({ passed: 9, failed: 0, skipped: 0 })).toBe("9 passed, 0 failed");
	});
});

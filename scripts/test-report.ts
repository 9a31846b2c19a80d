import { existsSync, readFileSync } from "node:fs";

/** What a test run came to. */
export interface Tally {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

/** The part of vitest's JSON report that is counted. */
interface VitestReport {
	readonly numPassedTests: number;
	readonly numFailedTests: number;
	readonly numPendingTests: number;
	readonly numTodoTests: number;
	readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** The part of Playwright's JSON report that is counted. */
interface PlaywrightReport {
	readonly stats: Readonly<Record<"expected" | "unexpected" | "flaky" | "skipped", number>>;
}

/** A file that failed before its first test is one failure. `exitCode` catches whatever the report does not tell. */
export function tallyVitest(reportFile: string, exitCode: number): Tally {
	const report = readReport<VitestReport>(reportFile);
	if (!report) return { passed: 0, failed: 1, skipped: 0 };
	const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
	return believe(exitCode, {
		passed: report.numPassedTests,
		failed: report.numFailedTests + broken.length,
		skipped: report.numPendingTests + report.numTodoTests,
	});
}

/** A flaky test, one that failed and then passed when tried again, passed. */
export function tallyPlaywright(reportFile: string, exitCode: number): Tally {
	const report = readReport<PlaywrightReport>(reportFile);
	if (!report) return { passed: 0, failed: 1, skipped: 0 };
	const { expected, flaky, unexpected, skipped } = report.stats;
	return believe(exitCode, { passed: expected + flaky, failed: unexpected, skipped });
}

/** A run that failed without a failed test (an unhandled error, a server that did not start) is one failure. */
function believe(exitCode: number, tally: Tally): Tally {
	return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

export function addTallies(tallies: readonly Tally[]): Tally {
	return tallies.reduce(
		(sum, next) => ({
			passed: sum.passed + next.passed,
			failed: sum.failed + next.failed,
			skipped: sum.skipped + next.skipped,
		}),
		{ passed: 0, failed: 0, skipped: 0 },
	);
}

/** `12 passed, 0 failed, 1 skipped`: the last line of every test run. */
export function closingLine({ passed, failed, skipped }: Tally): string {
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Undefined where the runner died before it wrote one. */
function readReport<Report>(file: string): Report | undefined {
	return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
}

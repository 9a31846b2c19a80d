import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./command.ts";

/** A test that failed, or a file whose tests could not begin. */
export interface Failure {
	/** The file, from the root, and the test's name. */
	readonly test: string;
	/** What the runner said of it, without colours. */
	readonly message: string;
}

/** What a test run came to. */
export interface Tally {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
	/** Those of the failed that the runner named. */
	readonly failures: readonly Failure[];
}

/** The part of vitest's JSON report that is read. */
interface VitestReport {
	readonly numPassedTests: number;
	readonly numFailedTests: number;
	readonly numPendingTests: number;
	readonly numTodoTests: number;
	readonly testResults: readonly VitestFile[];
}

interface VitestFile {
	readonly name: string;
	readonly status: string;
	/** Why none of its tests began. */
	readonly message: string;
	readonly assertionResults: readonly {
		readonly status: string;
		readonly fullName: string;
		readonly failureMessages: readonly string[];
	}[];
}

/** The part of Playwright's JSON report that is read. */
interface PlaywrightReport {
	readonly stats: Readonly<Record<"expected" | "unexpected" | "flaky" | "skipped", number>>;
	/** One for each file. */
	readonly suites: readonly PlaywrightSuite[];
}

interface PlaywrightSuite {
	readonly title: string;
	/** One for each `describe`. */
	readonly suites?: readonly PlaywrightSuite[];
	readonly specs: readonly {
		readonly title: string;
		readonly ok: boolean;
		readonly tests: readonly {
			readonly results: readonly { readonly errors: readonly { readonly message: string }[] }[];
		}[];
	}[];
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };
export const oneFailure: Tally = { ...nothing, failed: 1 };

/** A file that failed before its first test is one failure. `exitCode` catches whatever the report does not tell. */
export function tallyVitest(reportFile: string, exitCode: number): Tally {
	const report = readReport<VitestReport>(reportFile);
	if (!report) return oneFailure;
	const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
	return believe(exitCode, {
		passed: report.numPassedTests,
		failed: report.numFailedTests + broken.length,
		skipped: report.numPendingTests + report.numTodoTests,
		failures: [
			...broken.map((file) => toFailure([relative(root, file.name)], [file.message])),
			...report.testResults.flatMap((file) =>
				file.assertionResults
					.filter((test) => test.status === "failed")
					.map((test) => toFailure([relative(root, file.name), test.fullName], test.failureMessages)),
			),
		],
	});
}

/** A flaky test, one that failed and then passed when tried again, passed. */
export function tallyPlaywright(reportFile: string, exitCode: number): Tally {
	const report = readReport<PlaywrightReport>(reportFile);
	if (!report) return oneFailure;
	const { expected, flaky, unexpected, skipped } = report.stats;
	const failures = report.suites.flatMap((suite) => failuresIn(suite, []));
	return believe(exitCode, { passed: expected + flaky, failed: unexpected, skipped, failures });
}

function failuresIn(suite: PlaywrightSuite, above: readonly string[]): Failure[] {
	const path = [...above, suite.title];
	const own = suite.specs.filter((spec) => !spec.ok);
	return [
		...own.map((spec) =>
			toFailure(
				[...path, spec.title],
				spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors.map((error) => error.message))),
			),
		),
		...(suite.suites ?? []).flatMap((inner) => failuresIn(inner, path)),
	];
}

function toFailure(path: readonly string[], messages: readonly string[]): Failure {
	return { test: path.join(" › "), message: stripVTControlCharacters(messages.join("\n")) };
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
			failures: [...sum.failures, ...next.failures],
		}),
		nothing,
	);
}

/** Each failure by its name, with the first lines of what was said of it: the end of a log is what people are shown. */
export function failureLines({ failures }: Tally): string {
	return failures.map(({ test, message }) => [`FAILED ${test}`, ...firstLines(message)].join("\n    ")).join("\n");
}

function firstLines(message: string): string[] {
	return message.split("\n").slice(0, 15);
}

/** `12 passed, 0 failed, 1 skipped`: the last line of every test run. */
export function closingLine({ passed, failed, skipped }: Tally): string {
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Undefined where the runner died before it wrote one. */
function readReport<Report>(file: string): Report | undefined {
	return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
}

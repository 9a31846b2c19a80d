/**
 * Everything that is tested, in one run: unit and integration tests, then the Studio in a browser.
 *
 *     node scripts/run.mjs scripts/test.ts                 all
 *     node scripts/run.mjs scripts/test.ts --only-e2e      the browser tests alone; what follows `--` goes to Playwright
 *     node scripts/run.mjs scripts/test.ts --faults=1      all, then this share of the long form of the faults, as .ci/run does
 *     node scripts/run.mjs scripts/test.ts --only-faults   the long form of the faults alone
 *     node scripts/run.mjs scripts/test.ts --only-inngest  the engines' suite on a real Inngest server alone; fails where there is none
 *     node scripts/run.mjs scripts/test.ts --only-inngest --played    the same on the server that plays Inngest: eight minutes
 *     node scripts/run.mjs scripts/test.ts --only-faults --minutes=5  as many of its rounds as begin in this time; default 20
 *
 * The last line is the sum, `N passed, N failed`; each test that failed is named above it once more. Without a Chromium the browser tests are left out with a
 * line that says how to get one; with `CI` or `REQUIRE_BROWSER=1` set that is a failure. The Postgres that some of them
 * need is started for all of them; where there is none they are skipped, and so are those behind PgBouncer, each with a line
 * that says how to get it; with `REQUIRE_POSTGRES=1` and `REQUIRE_PGBOUNCER=1` set that is a failure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { budgetMinutes } from "../packages/darkroom/src/faults/plan.testsuite.ts";
import { findInngest, howToGetInngest } from "../packages/darkroom/src/testing/find-inngest.testsuite.ts";
import { hasPostgres } from "../packages/darkroom/src/testing/find-postgres.testsuite.ts";
import { hasPgBouncer, howToGetPgBouncer, PgBouncer } from "../packages/darkroom/src/testing/pgbouncer.testsuite.ts";
import { usePostgres } from "../packages/darkroom/src/testing/postgres-server.testsuite.ts";
import { findChromium, howToGetChromium } from "./chromium.ts";
import { type CommandOptions, root, run } from "./command.ts";
import { readFaultReport, summarizeFaults } from "./fault-report.ts";
import {
	addTallies,
	closingLine,
	failureLines,
	nothing,
	oneFailure,
	type Tally,
	tallyPlaywright,
	tallyVitest,
} from "./test-report.ts";

async function build(...flags: string[]): Promise<Tally> {
	const { code } = await run("node", ["scripts/run.mjs", "scripts/build.ts", "--if-stale", ...flags]);
	return code === 0 ? nothing : oneFailure;
}

async function runVitest(
	report: string,
	args: readonly string[] = [],
	options?: CommandOptions,
	reporter = "default",
): Promise<Tally> {
	const reporters = [`--reporter=${reporter}`, "--reporter=json", `--outputFile.json=${report}`];
	const { code } = await run("vitest", ["run", ...args, ...reporters], options);
	return tallyVitest(report, code);
}

/**
 * By the machine's time. Asked for by name, so that there is no server is a failure. `npm test` runs a part of it on the
 * tests' own server, which `isPlayed` asks for.
 */
async function runOnInngest(reports: string, { isPlayed }: { readonly isPlayed: boolean }): Promise<Tally> {
	if (!isPlayed && !findInngest(process.env)) {
		console.error(howToGetInngest);
		return oneFailure;
	}
	const files = ["packages/darkroom/src/engine/inngest/server/server.test.ts"];
	const env = { TEST_INNGEST: isPlayed ? "played" : "real" };
	// It takes minutes, and what is skipped has its reason beside it.
	return runVitest(join(reports, "inngest.json"), files, { env }, "verbose");
}

/** All but the browser tests; the faults among them are in their short form. */
async function runUnits(reports: string): Promise<Tally> {
	const lines = join(reports, "short-faults.jsonl");
	const tally = await runVitest(join(reports, "vitest.json"), [], { env: { FAULT_REPORT: lines } });
	const summary = summarizeFaults(readFaultReport(lines));
	console.log(`Faults, the short form:\n${summary}\n`);
	return tally;
}

/** In the long form, or in a share of it: workers, databases, disks, connections and clocks that fail, under an audit. */
async function runFaults(reports: string, share: string, minutes: string): Promise<Tally> {
	const lines = join(reports, "faults.jsonl");
	const startedAt = performance.now();
	// The processes under test mostly wait, so there may be more of them than the usual number of workers allows.
	const args = ["packages/darkroom/src/faults", "--maxWorkers=2"];
	const env = { FAULT_SHARE: share, FAULT_MINUTES: minutes, FAULT_REPORT: lines };
	const tally = await runVitest(join(reports, "faults.json"), args, { env });
	const taken = ((performance.now() - startedAt) / 60_000).toFixed(1);
	const summary = summarizeFaults(readFaultReport(lines));
	console.log(`Faults, ${share} of the long form, in ${taken} of ${minutes} minutes:\n${summary}\n`);
	return tally;
}

async function runBrowserTests(reports: string, args: readonly string[]): Promise<Tally> {
	const chromium = findChromium();
	if (!chromium) {
		console.log(howToGetChromium);
		return process.env.CI || process.env.REQUIRE_BROWSER === "1" ? oneFailure : nothing;
	}
	const built = await build();
	if (built.failed > 0) return built;
	const report = join(reports, "playwright.json");
	const config = join(root, "apps", "studio", "playwright.config.ts");
	const postgres = hasPostgres ? await usePostgres() : undefined;
	const pooler = postgres && hasPgBouncer ? await PgBouncer.start(postgres.url) : undefined;
	try {
		const { code } = await run("playwright", ["test", "--config", config, "--reporter=list,json", ...args], {
			env: {
				CHROMIUM_PATH: chromium,
				PLAYWRIGHT_JSON_OUTPUT_FILE: report,
				...(postgres && { TEST_DATABASE_URL: postgres.url }),
				...(pooler && { TEST_POOLER_URL: pooler.url }),
			},
		});
		return tallyPlaywright(report, code);
	} finally {
		await pooler?.remove();
		await postgres?.close();
	}
}

const { values, positionals } = parseArgs({
	options: {
		"only-e2e": { type: "boolean" },
		"only-faults": { type: "boolean" },
		"only-inngest": { type: "boolean" },
		played: { type: "boolean", default: false },
		faults: { type: "string" },
		minutes: { type: "string", default: String(budgetMinutes) },
	},
	allowPositionals: true,
});
const reports = mkdtempSync(join(tmpdir(), "darkroom-tests-"));
const tallies: Tally[] = [];
try {
	const { "only-e2e": onlyBrowser, "only-faults": onlyFaults, "only-inngest": onlyInngest, minutes } = values;
	const { faults = onlyFaults ? "1" : undefined } = values;
	if (onlyInngest) tallies.push(await runOnInngest(reports, { isPlayed: values.played }));
	if (!onlyBrowser && !onlyFaults && !onlyInngest) tallies.push(await build("--library"), await runUnits(reports));
	if (!onlyFaults && !onlyInngest) tallies.push(await runBrowserTests(reports, positionals));
	if (faults !== undefined) tallies.push(await runFaults(reports, faults, minutes));
} finally {
	rmSync(reports, { recursive: true, force: true });
}

if (!hasPgBouncer) console.log(howToGetPgBouncer);
const total = addTallies(tallies);
if (total.passed + total.failed === 0) console.error("No test ran.");
if (total.failures.length > 0) console.error(`\n${failureLines(total)}`);
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

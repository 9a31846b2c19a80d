import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FaultTally } from "../packages/darkroom/src/faults/tally.testsuite.ts";
import { readFaultReport, summarizeFaults } from "./fault-report.ts";

const tally: FaultTally = {
	fault: "killed workers",
	store: "sqlite",
	jobs: 10,
	steps: 30,
	kills: 4,
	faults: 1,
	looks: 7,
	violations: 0,
	seed: 42,
};

const done = { fault: "killed workers", store: "sqlite", rounds: 4, planned: 4 };

describe("a report of faults", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "darkroom-report-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	test("is read line by line, and is empty where no run came to its end", () => {
		const file = join(folder, "faults.jsonl");
		expect(readFaultReport(file)).toEqual({ tallies: [], rounds: [] });
		const lines = [tally, { ...tally, seed: 43 }, done].map((one) => `${JSON.stringify(one)}\n`);
		writeFileSync(file, lines.join(""));
		const { tallies, rounds } = readFaultReport(file);
		expect(tallies.map(({ seed }) => seed)).toEqual([42, 43]);
		expect(rounds).toEqual([done]);
	});

	test("adds up the runs and rounds of a fault and store, and all of them", () => {
		const other = { ...tally, store: "postgres", violations: 2 };
		const cut = { ...done, store: "postgres", rounds: 3 };
		expect(summarizeFaults({ tallies: [tally, tally, other], rounds: [done, cut] }).split("\n")).toEqual([
			expect.stringMatching(/^killed workers on postgres +3 of 4 rounds, 1 runs, 10 jobs, .* 2 violations$/),
			expect.stringMatching(
				/^killed workers on sqlite +4 of 4 rounds, 2 runs, 20 jobs, 60 steps, 8 kills, 2 faults, 14 looks, 0 violations$/,
			),
			expect.stringMatching(
				/^all +7 of 8 rounds, 3 runs, 30 jobs, 90 steps, 12 kills, 3 faults, 21 looks, 2 violations$/,
			),
		]);
	});
});

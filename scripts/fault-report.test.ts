import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FaultTally } from "../packages/darkroom/src/faults/tally.testsuite.ts";
import { readFaultTallies, summarizeFaults } from "./fault-report.ts";

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

describe("a report of faults", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "darkroom-report-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	test("is read line by line, and is empty where no run came to its end", () => {
		const file = join(folder, "faults.jsonl");
		expect(readFaultTallies(file)).toEqual([]);
		writeFileSync(file, `${JSON.stringify(tally)}\n${JSON.stringify({ ...tally, seed: 43 })}\n`);
		expect(readFaultTallies(file).map(({ seed }) => seed)).toEqual([42, 43]);
	});

	test("adds up the runs of a fault and store, and all of them", () => {
		const other = { ...tally, store: "postgres", violations: 2 };
		expect(summarizeFaults([tally, tally, other]).split("\n")).toEqual([
			expect.stringMatching(/^killed workers on postgres +1 runs, 10 jobs, .* 2 violations$/),
			expect.stringMatching(
				/^killed workers on sqlite +2 runs, 20 jobs, 60 steps, 8 kills, 2 faults, 14 looks, 0 violations$/,
			),
			expect.stringMatching(/^all +3 runs, 30 jobs, 90 steps, 12 kills, 3 faults, 21 looks, 2 violations$/),
		]);
	});
});

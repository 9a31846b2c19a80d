import { existsSync, readFileSync } from "node:fs";
import type { FaultTally } from "../packages/darkroom/src/faults/tally.testsuite.ts";

const counts = ["jobs", "steps", "kills", "faults", "looks", "violations"] as const;

/** One for each run that came to its end; none where nothing was reported. */
export function readFaultTallies(file: string): FaultTally[] {
	if (!existsSync(file)) return [];
	const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
	return lines.map((line) => JSON.parse(line) as FaultTally);
}

/** A line for each fault and store, their runs added up, and a line for all of it. */
export function summarizeFaults(tallies: readonly FaultTally[]): string {
	const groups = Map.groupBy(tallies, ({ fault, store }) => `${fault} on ${store}`);
	const lines = [...groups].map(([name, runs]) => toLine(name, runs));
	return [...lines.sort(), toLine("all", tallies)].join("\n");
}

function toLine(name: string, runs: readonly FaultTally[]): string {
	const sum = (what: (typeof counts)[number]) => runs.reduce((total, run) => total + run[what], 0);
	return `${name.padEnd(32)} ${[`${runs.length} runs`, ...counts.map((what) => `${sum(what)} ${what}`)].join(", ")}`;
}

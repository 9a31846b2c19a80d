import { existsSync, readFileSync } from "node:fs";
import type { FaultRounds, FaultTally } from "../packages/darkroom/src/faults/tally.testsuite.ts";

export interface FaultReport {
	/** One for each run that came to its end. */
	readonly tallies: readonly FaultTally[];
	/** One for each test that came to its end. */
	readonly rounds: readonly FaultRounds[];
}

const counts = ["jobs", "steps", "kills", "faults", "looks", "violations"] as const;

/** Empty where nothing was reported. */
export function readFaultReport(file: string): FaultReport {
	const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
	const told = lines.map((line) => JSON.parse(line) as FaultTally | FaultRounds);
	const isRounds = (one: FaultTally | FaultRounds) => "planned" in one;
	return { tallies: told.filter((one) => !isRounds(one)), rounds: told.filter(isRounds) } as FaultReport;
}

/** A line for each fault and store, their runs added up, and a line for all of it. */
export function summarizeFaults({ tallies, rounds }: FaultReport): string {
	const nameOf = ({ fault, store }: FaultTally | FaultRounds) => `${fault} on ${store}`;
	const lines = [...Map.groupBy(tallies, nameOf)].map(([name, runs]) =>
		toLine(
			name,
			runs,
			rounds.filter((one) => nameOf(one) === name),
		),
	);
	return [...lines.sort(), toLine("all", tallies, rounds)].join("\n");
}

function toLine(name: string, runs: readonly FaultTally[], rounds: readonly FaultRounds[]): string {
	const of = (what: "rounds" | "planned") => rounds.reduce((total, one) => total + one[what], 0);
	const sum = (what: (typeof counts)[number]) => runs.reduce((total, run) => total + run[what], 0);
	return `${name.padEnd(32)} ${[`${of("rounds")} of ${of("planned")} rounds`, `${runs.length} runs`, ...counts.map((what) => `${sum(what)} ${what}`)].join(", ")}`;
}

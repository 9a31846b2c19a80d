import { readFileSync } from "node:fs";
import { median, percentile } from "../../src/figures.ts";
import type { Entry } from "./contenders.ts";
import type { Reading } from "./measure.ts";
import type { Outcome } from "./rounds.ts";

/** One contender over all rounds. */
export interface Summary {
	readonly entry: Entry;
	/** Of the installed package; `"this commit"` for Darkroom. */
	readonly version: string;
	/** Why there are no figures; then all below are undefined. */
	readonly unavailable: string | undefined;
	readonly serverSettings: string | undefined;
	readonly figures: Figures | undefined;
}

/** Medians over the rounds. What the system does not tell is undefined. */
export interface Figures {
	readonly jobsPerSecond: number;
	/** Lowest and highest of the rounds. */
	readonly range: readonly [number, number];
	/** Jobs of a round; the fewest where rounds differ. */
	readonly jobs: number;
	/** False when a round was cut off before its last job was completed. */
	readonly isWhole: boolean;
	/** How many times as many jobs a second Darkroom completed in the same round, by its id. */
	readonly ratios: ReadonlyMap<string, number>;
	readonly firstStepMedianMs: number;
	readonly firstStepP99Ms: number;
	readonly samples: number;
	readonly memoryMb: number;
	readonly serverMemoryMb: number | undefined;
	readonly processorUsPerJob: number | undefined;
}

export const ourIds = ["darkroom-sqlite", "darkroom-postgres"] as const;

/** `rounds` has what came of each contender, by its id, round by round. */
export function summarize(entry: Entry, rounds: readonly ReadonlyMap<string, Outcome>[]): Summary {
	const outcomes = rounds.flatMap((round) => round.get(entry.id) ?? []);
	const missing = outcomes.find((outcome) => "unavailable" in outcome);
	const measured = outcomes.find((outcome) => "reading" in outcome);
	return {
		entry,
		version: entry.npmPackage ? readVersion(entry.npmPackage) : "this commit",
		unavailable: missing?.unavailable,
		serverSettings: measured?.serverSettings,
		figures: missing || !measured ? undefined : takeMedians(entry.id, rounds),
	};
}

function takeMedians(id: string, rounds: readonly ReadonlyMap<string, Outcome>[]): Figures {
	const readings = rounds.flatMap((round) => readingOf(round, id) ?? []);
	const rates = readings.map(({ jobsPerSecond }) => jobsPerSecond);
	const firstSteps = readings.flatMap(({ firstStepMs }) => firstStepMs);
	const known = (values: readonly (number | undefined)[]) => {
		const numbers = values.filter((value) => value !== undefined);
		return numbers.length > 0 ? median(numbers) : undefined;
	};
	return {
		jobsPerSecond: median(rates),
		range: [Math.min(...rates), Math.max(...rates)],
		jobs: Math.min(...readings.map(({ completed }) => completed)),
		isWhole: readings.every(({ isWhole }) => isWhole),
		ratios: ratiosTo(id, rounds),
		firstStepMedianMs: median(firstSteps),
		firstStepP99Ms: percentile(firstSteps, 99),
		samples: firstSteps.length,
		memoryMb: median(readings.map(({ memoryMb }) => memoryMb)),
		serverMemoryMb: known(readings.map(({ serverMemoryMb }) => serverMemoryMb)),
		processorUsPerJob: known(readings.map(({ processorUsPerJob }) => processorUsPerJob)),
	};
}

/** Within each round, then the median: what slows the machine for a while slows both sides of a ratio. */
function ratiosTo(id: string, rounds: readonly ReadonlyMap<string, Outcome>[]): Map<string, number> {
	const ratios = new Map<string, number>();
	for (const ourId of ourIds) {
		const values = rounds.flatMap((round) => {
			const [ours, theirs] = [readingOf(round, ourId), readingOf(round, id)];
			return ours && theirs ? [ours.jobsPerSecond / theirs.jobsPerSecond] : [];
		});
		if (values.length > 0) ratios.set(ourId, median(values));
	}
	return ratios;
}

function readingOf(round: ReadonlyMap<string, Outcome>, id: string): Reading | undefined {
	const outcome = round.get(id);
	return outcome && "reading" in outcome ? outcome.reading : undefined;
}

function readVersion(npmPackage: string): string {
	const file = new URL(`../node_modules/${npmPackage}/package.json`, import.meta.url);
	return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

import { expect, test } from "vitest";
import type { Entry } from "./contenders.ts";
import type { Reading } from "./measure.ts";
import type { Outcome } from "./rounds.ts";
import { summarize } from "./summary.ts";

const entryOf = (id: string) => ({ id, title: id }) as Entry;
const measured = (jobsPerSecond: number, rest: Partial<Reading> = {}): Outcome => ({
	reading: {
		firstStepMs: [1],
		completed: 100,
		isWhole: true,
		jobsPerSecond,
		memoryMb: 50,
		serverMemoryMb: undefined,
		processorUsPerJob: undefined,
		...rest,
	},
	serverSettings: undefined,
});
const round = (ours: number, theirs: Outcome) =>
	new Map([
		["darkroom-sqlite", measured(ours)],
		["peer", theirs],
	]);

test("a ratio is taken within each round, so that a slow round of all changes nothing", () => {
	const rounds = [round(1_000, measured(100)), round(100, measured(10)), round(900, measured(90))];
	expect(summarize(entryOf("peer"), rounds).figures?.ratios).toEqual(new Map([["darkroom-sqlite", 10]]));
});

test("a rate is the median of the rounds, the first step's percentiles are of all samples", () => {
	const rounds = [30, 10, 20].map((rate) => round(1_000, measured(rate, { firstStepMs: [rate, rate * 100] })));
	const { figures } = summarize(entryOf("peer"), rounds);
	expect(figures).toMatchObject({ jobsPerSecond: 20, range: [10, 30], samples: 6, firstStepP99Ms: 3_000 });
});

test("one round that was cut off marks the figure", () => {
	const rounds = [round(1_000, measured(10)), round(1_000, measured(10, { isWhole: false, completed: 7 }))];
	expect(summarize(entryOf("peer"), rounds).figures).toMatchObject({ isWhole: false, jobs: 7 });
});

test("what could not be measured in one round has a reason and no figures", () => {
	const rounds = [round(1_000, measured(10)), round(1_000, { unavailable: "it is not here" })];
	expect(summarize(entryOf("peer"), rounds)).toMatchObject({ unavailable: "it is not here", figures: undefined });
});

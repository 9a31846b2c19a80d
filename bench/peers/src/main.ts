import { inspect, parseArgs } from "node:util";
import { benchFolder, describeCommit, describeMachine, measureSync } from "../../src/machine.ts";
import { inFlight, owners } from "./contender.ts";
import { entries } from "./contenders.ts";
import { printMarkdown, printPlain } from "./report.ts";
import { type Outcome, Rounds } from "./rounds.ts";
import { summarize } from "./summary.ts";

/**
 * `npm run bench:peers`: the same work on Darkroom and on the libraries beside it, in turns, so that a machine that
 * slows down slows all of them. Names on the command line choose among them.
 *
 *     --rounds 3       turns of each; the median is printed
 *     --jobs 10000     of a turn; fewer where they would take longer than
 *     --seconds 20
 *     --samples 200    of the latency, in each turn
 *     --markdown       the tables for a page
 */
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		rounds: { type: "string", default: "3" },
		jobs: { type: "string", default: "10000" },
		seconds: { type: "string", default: "20" },
		samples: { type: "string", default: "200" },
		markdown: { type: "boolean", default: false },
	},
});
const unknown = positionals.find((name) => !entries.some(({ id }) => id === name));
if (unknown) fail(`There is no contender "${unknown}". There are: ${entries.map(({ id }) => id).join(", ")}.`);
const chosen = entries.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
const count = {
	rounds: positive("rounds"),
	jobs: positive("jobs"),
	seconds: positive("seconds"),
	samples: positive("samples"),
};

const readings = new Rounds(count);
let isStopped = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
	process.on(signal, () => {
		if (isStopped) return;
		isStopped = true;
		void readings.close().finally(() => process.exit(130));
	});
}

const sync = measureSync();
const circumstances = {
	machine: describeMachine(),
	commit: `${describeCommit()}, ${new Date().toISOString().slice(0, 10)}`,
	disk: `${benchFolder === process.env.BENCH_DIR ? "BENCH_DIR" : "the temporary folder"}, a sync takes ${sync.median.toFixed(2)} ms, ${sync.p99.toFixed(2)} ms at the 99th percentile`,
	work: `${count.jobs.toLocaleString("en-US")} jobs of five steps that return at once, ${owners} owners, ${inFlight} submits in flight, ${count.rounds} rounds`,
};
const rounds: Map<string, Outcome>[] = [];
for (let round = 1; round <= count.rounds && !isStopped; round++) {
	const outcomes = new Map<string, Outcome>();
	rounds.push(outcomes);
	for (const entry of chosen) {
		const outcome = await readings.read(entry);
		// Whoever stopped us has ended what we would now call a failure.
		if (isStopped) break;
		outcomes.set(entry.id, outcome);
		console.error(`round ${round}: ${entry.title}: ${describe(outcome)}`);
	}
}
if (!isStopped) {
	await readings.close();
	const summaries = chosen.map((entry) => summarize(entry, rounds));
	const print = values.markdown ? printMarkdown : printPlain;
	console.log(print(circumstances, summaries));
}

function describe(outcome: Outcome): string {
	if ("reading" in outcome) return `${Math.round(outcome.reading.jobsPerSecond)} jobs/s`;
	if (outcome.fault === undefined) return outcome.unavailable;
	process.exitCode = 1;
	return inspect(outcome.fault);
}

function positive(name: "rounds" | "jobs" | "seconds" | "samples"): number {
	const value = Number(values[name]);
	if (!Number.isInteger(value) || value < 1) fail(`--${name} is a whole number of at least 1, not "${values[name]}".`);
	return value;
}

function fail(sentence: string): never {
	console.error(sentence);
	process.exit(2);
}

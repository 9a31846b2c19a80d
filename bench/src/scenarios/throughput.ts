import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Figure } from "../figures.ts";
import { openBench } from "../five-steps.ts";
import { concurrency, jobs, rounds, summarize, warmUpRounds } from "../rounds.ts";
import { runJobs } from "../run-jobs.ts";

const owners = 200;

/**
 * Jobs submitted one by one, 50 submits in flight: each submitter waits for its acknowledgement, which is durable, and
 * submits the next. The time runs until the last job is completed and paid for. What watches the event loop takes
 * processor time too, so it watches a round of its own.
 */
export async function throughput(): Promise<Figure[]> {
	const credits = ((warmUpRounds + rounds + 2) * jobs) / owners;
	const bench = await openBench({ owners, credits, engine: { concurrency } });
	const { darkroom, store } = bench;
	const run = (waits?: "until completed") => runJobs({ darkroom, store, count: jobs, owners, ...(waits && { waits }) });
	const firstMs = await run();
	for (let round = 1; round < warmUpRounds; round++) await run();
	const cpu = process.cpuUsage();
	const elapsedMs: number[] = [];
	for (let round = 0; round < rounds; round++) elapsedMs.push(await run());
	const used = process.cpuUsage(cpu);
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	await run();
	delay.disable();
	const memoryMb = process.memoryUsage.rss() / 1024 ** 2;
	const closedLoopMs = await run("until completed");
	await bench.close();
	const byDefaultMs = await runByDefault();
	const { perSecond, note } = summarize(elapsedMs);
	const cpuUs = (used.user + used.system) / (rounds * jobs);
	return [
		{ name: "five-step jobs a second", value: perSecond, unit: "jobs/s", target: { least: 20_000 }, note },
		{ name: "  the first round of a process", value: (jobs * 1_000) / firstMs, unit: "jobs/s" },
		{ name: "  each submitter waiting for its job to complete", value: (jobs * 1_000) / closedLoopMs, unit: "jobs/s" },
		{ name: "  with the engine's default, 50 jobs at a time", value: (jobs * 1_000) / byDefaultMs, unit: "jobs/s" },
		{ name: "  processor time of a job", value: cpuUs, unit: "µs" },
		{
			name: "  event-loop delay, 99th percentile",
			value: delay.percentile(99) / 1e6,
			unit: "ms",
			target: { most: 10 },
		},
		{ name: "  memory after it", value: memoryMb, unit: "MB", target: { most: 200 } },
	];
}

/** A round of a process that is warm by now, in ms: most jobs wait for a place, and each commit has few of them. */
async function runByDefault(): Promise<number> {
	const { darkroom, store, close } = await openBench({ owners, credits: (2 * jobs) / owners });
	await runJobs({ darkroom, store, count: jobs, owners });
	const elapsedMs = await runJobs({ darkroom, store, count: jobs, owners });
	await close();
	return elapsedMs;
}

import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Figure } from "../figures.ts";
import { openBench } from "../five-steps.ts";
import { runJobs } from "../run-jobs.ts";

const owners = 200;
const jobs = 10_000;
/**
 * After half as many the compiler is still at work. After twice as many V8 would have let its young generation grow to
 * 100 MB, and the memory would say more of V8 than of Darkroom.
 */
const warmUpJobs = 10_000;

/**
 * Jobs submitted one by one, 50 submits in flight: each submitter waits for its acknowledgement, which is durable, and
 * submits the next. The time runs until the last job is completed and paid for. It begins after a warm-up, which is
 * printed.
 */
export async function throughput(): Promise<Figure[]> {
	const bench = await openBench({ owners, credits: 2 * jobs + warmUpJobs, engine: { concurrency: 1_000 } });
	const { darkroom, store } = bench;
	const run = (count: number, waits?: "until completed") =>
		runJobs({ darkroom, store, count, owners, ...(waits && { waits }) });
	await run(warmUpJobs);
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	const cpu = process.cpuUsage();
	const elapsedMs = await run(jobs);
	const used = process.cpuUsage(cpu);
	delay.disable();
	const memoryMb = process.memoryUsage.rss() / 1024 ** 2;
	const closedLoopMs = await run(jobs, "until completed");
	await bench.close();
	const warmedUp = `after ${warmUpJobs.toLocaleString("en-US")} to warm up`;
	return [
		{
			name: "five-step jobs a second",
			value: (jobs * 1_000) / elapsedMs,
			unit: "jobs/s",
			target: { least: 20_000 },
			note: warmedUp,
		},
		{ name: "  each submitter waiting for its job to complete", value: (jobs * 1_000) / closedLoopMs, unit: "jobs/s" },
		{ name: "  processor time of a job", value: (used.user + used.system) / jobs, unit: "µs" },
		{
			name: "  event-loop delay, 99th percentile",
			value: delay.percentile(99) / 1e6,
			unit: "ms",
			target: { most: 10 },
		},
		{ name: "  memory after it", value: memoryMb, unit: "MB", target: { most: 200 } },
	];
}

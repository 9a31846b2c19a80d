import { monitorEventLoopDelay } from "node:perf_hooks";
import { createDarkroom, embedded } from "darkroom";
import { fiveSteps, grantAll } from "./five-steps.ts";
import { onSchema } from "./postgres-database.ts";
import { runJobs } from "./run-jobs.ts";

/** What a process is asked to do next. */
export interface Round {
	readonly count: number;
	/** Whether its event loop is watched meanwhile, which takes processor time too. */
	readonly isWatched: boolean;
}

/** What a process says of its part in a round. */
export interface Ran {
	/** Of this process. */
	readonly cpuMs: number;
	readonly memoryMb: number;
	/** Of the event loop, 99th percentile; 0 where it was not watched. */
	readonly delayMs: number;
}

const owners = 200;
/** Of a schema, and of how many jobs at a time; the engine's default where that is not said. */
const [schema = "", concurrency] = process.argv.slice(2);
const store = onSchema(schema).connect();
const darkroom = createDarkroom({
	jobs: [fiveSteps],
	store,
	engine: embedded(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
});
await darkroom.start();
await grantAll(darkroom, owners, 1_000_000);
process.on("message", (asked: Round | "stop") => void (asked === "stop" ? stop() : run(asked)));
process.send?.("ready");

async function run({ count, isWatched }: Round): Promise<void> {
	const delay = monitorEventLoopDelay({ resolution: 1 });
	if (isWatched) delay.enable();
	const cpu = process.cpuUsage();
	await runJobs({ darkroom, store, count, owners });
	const used = process.cpuUsage(cpu);
	delay.disable();
	const ran: Ran = {
		cpuMs: (used.user + used.system) / 1_000,
		memoryMb: process.memoryUsage.rss() / 1024 ** 2,
		delayMs: isWatched ? delay.percentile(99) / 1e6 : 0,
	};
	process.send?.(ran);
}

async function stop(): Promise<void> {
	await darkroom.stop();
	process.disconnect();
}

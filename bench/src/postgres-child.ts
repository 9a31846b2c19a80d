import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createDarkroom, embedded } from "darkroom";
import { fiveSteps, grantAll } from "./five-steps.ts";
import { onSchema } from "./postgres-database.ts";
import { runJobs } from "./run-jobs.ts";

/** What a process says of its part. */
export interface Ran {
	/** Of this process. */
	readonly cpuMs: number;
	readonly memoryMb: number;
	/** Of the event loop, 99th percentile. */
	readonly delayMs: number;
}

const owners = 200;
const [schema = "", count = "0", warmUp = "0"] = process.argv.slice(2);
const store = onSchema(schema).connect();
const darkroom = createDarkroom({ jobs: [fiveSteps], store, engine: embedded({ concurrency: 1_000 }) });
await darkroom.start();
await grantAll(darkroom, owners, 1_000_000);
await runJobs({ darkroom, store, count: Number(warmUp), owners });
process.send?.("ready");
await once(process, "message");
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpu = process.cpuUsage();
await runJobs({ darkroom, store, count: Number(count), owners });
const used = process.cpuUsage(cpu);
const ran: Ran = {
	cpuMs: (used.user + used.system) / 1_000,
	memoryMb: process.memoryUsage.rss() / 1024 ** 2,
	delayMs: delay.percentile(99) / 1e6,
};
process.send?.(ran);
await once(process, "message");
await darkroom.stop();
process.disconnect();

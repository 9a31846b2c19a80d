import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Figure } from "../figures.ts";
import type { Ran } from "../postgres-child.ts";
import { createPostgres } from "../postgres-database.ts";
import { script } from "../script.ts";

const jobs = 10_000;
const warmUpJobs = 10_000;

/** The work of `throughput` on Postgres, from one process and from two on the same database. */
export async function postgresThroughput(): Promise<Figure[]> {
	const [one, alone] = await measure(1);
	const [two] = await measure(2);
	const [{ cpuMs, memoryMb, delayMs }] = alone as [Ran];
	const cores = availableParallelism();
	return [
		{
			name: "five-step jobs a second, one process",
			value: one,
			unit: "jobs/s",
			target: { least: 8_000 },
			note: `after ${warmUpJobs.toLocaleString("en-US")} to warm up`,
		},
		{ name: "  processor time of a job, without the server's", value: (cpuMs * 1_000) / jobs, unit: "µs" },
		{ name: "  event-loop delay, 99th percentile", value: delayMs, unit: "ms" },
		{ name: "  memory after it", value: memoryMb, unit: "MB" },
		{
			name: "  two processes, as a multiple",
			value: two / one,
			unit: "×",
			note: `${cores} cores for all, the server too`,
		},
	];
}

/** Jobs a second of all processes together, and what each says of itself. */
async function measure(processes: number): Promise<[number, Ran[]]> {
	const { schema, remove } = createPostgres();
	const count = jobs / processes;
	const children = Array.from({ length: processes }, () =>
		fork(script("../postgres-child", import.meta.url), [schema, String(count), String(warmUpJobs / processes)]),
	);
	await Promise.all(children.map((child) => once(child, "message")));
	const startedAt = performance.now();
	const ran = children.map(async (child) => {
		child.send("go");
		const [said] = await once(child, "message");
		return said as Ran;
	});
	const all = await Promise.all(ran);
	const elapsedMs = performance.now() - startedAt;
	const gone = children.map((child) => once(child, "exit"));
	for (const child of children) child.send("stop");
	await Promise.all(gone);
	await remove();
	return [(jobs * 1_000) / elapsedMs, all];
}

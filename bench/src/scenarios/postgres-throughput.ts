import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Figure } from "../figures.ts";
import type { Ran, Round } from "../postgres-child.ts";
import { createPostgres } from "../postgres-database.ts";
import { concurrency, jobs, rounds, summarize, warmUpRounds } from "../rounds.ts";
import { script } from "../script.ts";

/** The work of `throughput` on Postgres, from one process and from two on the same database. */
export async function postgresThroughput(): Promise<Figure[]> {
	const one = await measure({ processes: 1, concurrency });
	const two = await measure({ processes: 2, concurrency });
	const byDefault = await measure({ processes: 1 });
	const { perSecond, note } = summarize(one.elapsedMs);
	const [alone] = one.watched as [Ran];
	const cores = availableParallelism();
	return [
		{
			name: "five-step jobs a second, one process",
			value: perSecond,
			unit: "jobs/s",
			target: { least: 8_000 },
			note,
		},
		{ name: "  the first round of a process", value: (jobs * 1_000) / one.firstMs, unit: "jobs/s" },
		{
			name: "  with the engine's default, 50 jobs at a time",
			value: summarize(byDefault.elapsedMs).perSecond,
			unit: "jobs/s",
		},
		{
			name: "  processor time of a job, without the server's",
			value: (one.cpuMs * 1_000) / (rounds * jobs),
			unit: "µs",
		},
		{ name: "  event-loop delay, 99th percentile", value: alone.delayMs, unit: "ms" },
		{ name: "  memory after it", value: alone.memoryMb, unit: "MB" },
		{
			name: "  two processes, as a multiple",
			value: summarize(two.elapsedMs).perSecond / perSecond,
			unit: "×",
			note: `${cores} cores for all, the server too`,
		},
	];
}

interface Measured {
	readonly firstMs: number;
	/** Of each round that counts. */
	readonly elapsedMs: readonly number[];
	/** Of all processes, over the rounds that count. */
	readonly cpuMs: number;
	/** What each process said of one more round, in which its event loop was watched. */
	readonly watched: readonly Ran[];
}

interface Asked {
	readonly processes: number;
	/** Jobs at a time in each. Default: the engine's. */
	readonly concurrency?: number;
}

/** Rounds of as many processes together as asked. */
async function measure({ processes, concurrency }: Asked): Promise<Measured> {
	const { schema, remove } = createPostgres();
	const args = [schema, ...(concurrency === undefined ? [] : [String(concurrency)])];
	const children = Array.from({ length: processes }, () => fork(script("../postgres-child", import.meta.url), args));
	await Promise.all(children.map((child) => once(child, "message")));
	const [firstMs] = await run(children);
	for (let round = 1; round < warmUpRounds; round++) await run(children);
	const elapsedMs: number[] = [];
	let cpuMs = 0;
	for (let round = 0; round < rounds; round++) {
		const [ms, ran] = await run(children);
		elapsedMs.push(ms);
		for (const one of ran) cpuMs += one.cpuMs;
	}
	const [, watched] = await run(children, true);
	const gone = children.map((child) => once(child, "exit"));
	for (const child of children) child.send("stop");
	await Promise.all(gone);
	await remove();
	return { firstMs, elapsedMs, cpuMs, watched };
}

/** One round, its jobs shared out among the processes; how long it took, in ms, and what each says of itself. */
async function run(children: readonly ChildProcess[], isWatched = false): Promise<[number, Ran[]]> {
	const asked: Round = { count: jobs / children.length, isWatched };
	const startedAt = performance.now();
	const ran = children.map(async (child) => {
		child.send(asked);
		const [said] = await once(child, "message");
		return said as Ran;
	});
	const all = await Promise.all(ran);
	return [performance.now() - startedAt, all];
}

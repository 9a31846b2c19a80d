import { type CreateDatabase, createSqlite } from "../databases.ts";
import type { Figure } from "../figures.ts";
import { openBench } from "../five-steps.ts";
import { createPostgres } from "../postgres-database.ts";
import { jobs } from "../rounds.ts";
import { runJobs } from "../run-jobs.ts";

const owners = 200;

/** What is kept of a job for ever: its row, its steps' and its entries', with their indexes. */
export function disk(): Promise<Figure[]> {
	return measure(createSqlite);
}

/** The same on Postgres, before what its tables keep free for the next updates. */
export function postgresDisk(): Promise<Figure[]> {
	return measure(createPostgres);
}

async function measure(create: CreateDatabase): Promise<Figure[]> {
	const { darkroom, store, bytes, close } = await openBench({ owners, credits: jobs / owners, create });
	const before = await bytes();
	await runJobs({ darkroom, store, count: jobs, owners });
	const after = await bytes();
	await close();
	return [{ name: "disk for a completed five-step job", value: (after - before) / 1_000 / jobs, unit: "kB" }];
}

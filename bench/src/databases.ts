import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "darkroom";
import { postgres } from "darkroom/postgres";
import { sqlite } from "darkroom/sqlite";
import pg from "pg";
import { addFinishedJobs, addFinishedJobsToPostgres } from "./history-database.ts";
import { benchFolder } from "./machine.ts";

/** A new database for one measurement. */
export interface BenchDatabase {
	/** Another connection to it, as of another process. */
	connect(): Store;
	/** Fills the empty database with finished jobs of earlier days. */
	addFinishedJobs(count: number, owners: number): Promise<void>;
	remove(): Promise<void>;
}

export type CreateDatabase = () => BenchDatabase;

export function createSqlite(): BenchDatabase & { readonly path: string } {
	const folder = mkdtempSync(join(benchFolder, "darkroom-bench-"));
	const path = join(folder, "darkroom.db");
	return {
		path,
		connect: () => sqlite(path),
		addFinishedJobs: async (count, owners) => addFinishedJobs(path, count, owners),
		remove: async () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** A schema of its own on the server that `main.ts` has found or started. */
export function createPostgres(): BenchDatabase {
	return onSchema(`bench_${randomBytes(6).toString("hex")}`);
}

/** The same, by a name that several processes know. */
export function onSchema(schema: string): BenchDatabase {
	const url = process.env.BENCH_DATABASE_URL ?? "";
	const ask = async (sql: string) => {
		const client = new pg.Client(url);
		await client.connect();
		await client.query(sql);
		await client.end();
	};
	return {
		connect: () => postgres(url, { schema }),
		addFinishedJobs: (count, owners) => ask(addFinishedJobsToPostgres(schema, count, owners)),
		remove: () => ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
	};
}

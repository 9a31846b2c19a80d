import { randomBytes } from "node:crypto";
import { postgres } from "darkroom/postgres";
import pg from "pg";
import type { BenchDatabase } from "./databases.ts";
import { addFinishedJobsToPostgres } from "./history-database.ts";

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

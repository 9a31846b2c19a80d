import { randomBytes } from "node:crypto";
import { postgres } from "darkroom/postgres";
import pg from "pg";
import type { BenchDatabase } from "./databases.ts";
import { finishedJobsInPostgres } from "./history-database.ts";

/** A schema of its own on the server that `main.ts` has found or started. */
export function createPostgres(): BenchDatabase & { readonly schema: string } {
	const schema = `bench_${randomBytes(6).toString("hex")}`;
	return { schema, ...onSchema(schema) };
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
		addFinishedJobs: (count, owners) => ask(finishedJobsInPostgres(schema, count, owners)),
		remove: () => ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
	};
}

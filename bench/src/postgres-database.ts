import { randomBytes } from "node:crypto";
import { postgres } from "darkroom/postgres";
import pg from "pg";
import type { BenchDatabase } from "./databases.ts";
import { bytesInPostgres, finishedJobsInPostgres } from "./history-database.ts";

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
		const { rows } = await client.query(sql);
		await client.end();
		return rows;
	};
	return {
		connect: () => postgres(url, { schema }),
		addFinishedJobs: async (count, owners) => void (await ask(finishedJobsInPostgres(schema, count, owners))),
		async bytes() {
			const { clear, count } = bytesInPostgres(schema);
			for (const statement of clear) await ask(statement);
			const [row] = await ask(count);
			return row.bytes;
		},
		remove: async () => void (await ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)),
	};
}

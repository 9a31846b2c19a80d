import { randomBytes } from "node:crypto";
import { Client } from "pg";
import type { Env } from "./studio";

/** A Postgres that tests may make databases in; `npm test` starts one and names it. */
const server = process.env.TEST_DATABASE_URL;

export const hasPostgres = server !== undefined;
/** The reason that a skipped test gives. */
export const withoutPostgres = "there is no Postgres: run npm test, which starts one, or set TEST_DATABASE_URL";

/** A PgBouncer in transaction mode in front of it; `npm test` starts one where it is installed. */
const pooler = process.env.TEST_POOLER_URL;
export const hasPooler = pooler !== undefined;
export const withoutPooler = "there is no PgBouncer: install it (Debian: apt-get install pgbouncer) and run npm test";

/** An empty database, for one test. */
export interface TestDatabase {
	readonly url: string;
	/** What tells a process of the Studio to work on it. */
	readonly env: Env;
	/** The same through the pooler; as `env` where there is none. */
	readonly pooledEnv: Env;
	query(sql: string): Promise<Record<string, unknown>[]>;
	/** Removes it, whoever is still connected. */
	drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
	if (server === undefined) throw new Error(withoutPostgres);
	const name = `studio_${randomBytes(6).toString("hex")}`;
	const url = new URL(server);
	url.pathname = name;
	const pooledUrl = new URL(pooler ?? server);
	pooledUrl.pathname = name;
	await ask(server, `CREATE DATABASE ${name}`);
	return {
		url: url.href,
		env: { DATABASE_URL: url.href },
		pooledEnv: { DATABASE_URL: pooledUrl.href, DATABASE_LISTEN: "false" },
		query: (sql) => ask(url.href, sql),
		drop: async () => {
			await ask(server, `DROP DATABASE ${name} WITH (FORCE)`);
		},
	};
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
	const client = new Client(url);
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

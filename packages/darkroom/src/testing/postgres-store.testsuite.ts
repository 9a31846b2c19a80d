import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { type PostgresOptions, postgres } from "../store/postgres/index.ts";
import type { Store } from "../store/store.ts";
import { askPostgres, usePostgres } from "./postgres-server.testsuite.ts";
import type { StoreUnderTest } from "./store/rig.testsuite.ts";

/** A store on a schema of its own, and what a test may want to know of it. */
export interface PostgresUnderTest extends StoreUnderTest {
	readonly url: string;
	readonly schema: string;
	/** A table's name in this schema. */
	table(name: string): string;
	second(): Promise<Store>;
}

/** To be called in a file: one server for all of its tests, and for each a schema that is removed after it. */
export function postgresStores(options: PostgresOptions = {}) {
	let server: Awaited<ReturnType<typeof usePostgres>>;
	beforeAll(async () => {
		server = await usePostgres();
	}, 60_000);
	afterAll(() => server?.close());
	return (): Promise<PostgresUnderTest> => createPostgresStore(server.url, options);
}

async function createPostgresStore(url: string, options: PostgresOptions): Promise<PostgresUnderTest> {
	const schema = `test_${randomBytes(6).toString("hex")}`;
	const connect = () => postgres(url, { ...options, schema });
	const stores: [Store, ...Store[]] = [connect()];
	const clients: pg.Client[] = [];
	const another = async () => {
		const store = connect();
		stores.push(store);
		return store;
	};
	return {
		url,
		schema,
		table: (name) => `${schema}.${name}`,
		store: stores[0],
		second: another,
		reopen: async () => {
			await Promise.all(stores.map((store) => store.close()));
			return another();
		},
		transaction: async () => {
			const client = new pg.Client(url);
			await client.connect();
			clients.push(client);
			await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.stories (name text NOT NULL)`);
			await client.query("BEGIN");
			return {
				client,
				write: async (row) => void (await client.query(`INSERT INTO ${schema}.stories VALUES ($1)`, [row])),
				commit: async () => void (await client.query("COMMIT")),
				rollback: async () => void (await client.query("ROLLBACK")),
				committed: async () =>
					(await askPostgres(url, `SELECT name FROM ${schema}.stories`)).map(({ name }) => String(name)),
			};
		},
		sumEntries: async (owner) => {
			const sql = `SELECT sum(posted) AS posted, sum(held) AS held FROM ${schema}.entries WHERE owner = $1`;
			const [row] = await askPostgres(url, sql, [owner]);
			return { posted: Number(row?.posted ?? 0), held: Number(row?.held ?? 0) };
		},
		close: async () => {
			await Promise.all([...stores.map((store) => store.close()), ...clients.map((client) => client.end())]);
			await askPostgres(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`);
		},
	} satisfies PostgresUnderTest;
}

import { randomBytes } from "node:crypto";
import pg from "pg";
import { type PostgresOptions, postgres } from "../store/postgres/index.ts";
import type { Store } from "../store/store.ts";
import { postgresUrl } from "./on-postgres.testsuite.ts";
import type { JoinableUnderTest } from "./store/rig.testsuite.ts";

/** How a store is reached: otherwise than the first of its schema, where it says so. */
export interface ConnectOptions extends PostgresOptions {
	/** Another way to the same database, such as through a proxy or as another role. */
	readonly url?: string;
}

/** A store on a schema of its own, and what a test may want to know of it. */
export interface PostgresUnderTest extends JoinableUnderTest {
	readonly url: string;
	readonly schema: string;
	/** A table's name in this schema. */
	table(name: string): string;
	second(): Promise<Store>;
	/** Another store on the schema, as in another process; closed with the rest. */
	connect(options?: ConnectOptions): Store;
	/** One statement, as somebody who is not Darkroom. */
	ask(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

/**
 * To be called in a file: one server for all of its tests, unless `url` tells of one that is there, and for each a schema
 * that is removed after it.
 */
export function postgresStores(options: PostgresOptions = {}, url = postgresUrl()) {
	return (given: ConnectOptions = {}): Promise<PostgresUnderTest> =>
		createPostgresStore(url(), { ...options, ...given });
}

async function createPostgresStore(url: string, { url: way = url, ...options }: ConnectOptions) {
	const schema = `test_${randomBytes(6).toString("hex")}`;
	const clients: pg.Client[] = [];
	const admin = new pg.Client(url);
	await admin.connect();
	const ask = async (sql: string, values: unknown[] = []) => (await admin.query(sql, values)).rows;
	const connect = ({ url: other = way, ...given }: ConnectOptions = {}) => {
		const store = postgres(other, { ...options, ...given, schema });
		stores.push(store);
		return store;
	};
	const stores: Store[] = [];
	const closeAll = () => Promise.all(stores.splice(0).map((store) => store.close()));
	return {
		url,
		schema,
		table: (name) => `${schema}.${name}`,
		store: connect(),
		connect,
		ask,
		second: async () => connect(),
		reopen: async () => {
			await closeAll();
			return connect();
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
				committed: async () => (await ask(`SELECT name FROM ${schema}.stories`)).map(({ name }) => String(name)),
			};
		},
		sumEntries: async (owner) => {
			const sql = `SELECT sum(posted) AS posted, sum(held) AS held FROM ${schema}.entries WHERE owner = $1`;
			const [row] = await ask(sql, [owner]);
			return { posted: Number(row?.posted ?? 0), held: Number(row?.held ?? 0) };
		},
		close: async () => {
			await Promise.all(clients.map((client) => client.end()));
			await closeAll();
			await ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
			await admin.end();
		},
	} satisfies PostgresUnderTest;
}

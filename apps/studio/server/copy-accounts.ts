import { DatabaseSync } from "node:sqlite";
import type { Pool, PoolClient } from "pg";
import { ConfigError } from "./config.ts";
import { studioSchema } from "./postgres.ts";

/** Tables of sign-in, in an order in which each finds what it refers to. */
const tables = ["user", "account", "session", "verification"] as const;
const pageRows = 1_000;

/** Rows by table. */
export type AccountCounts = Readonly<Record<(typeof tables)[number], number>>;

/**
 * Copies accounts and sessions from the data folder's `studio.db` into Postgres, where their tables are already: all in one
 * transaction, and again without harm.
 * @throws ConfigError while a process has the file open, and where others have accounts in the target already
 */
export async function copyAccounts(file: string, pool: Pool): Promise<AccountCounts> {
	const source = openAlone(file);
	const client = await pool.connect();
	try {
		await client.query("BEGIN");
		await refuseStrangers(source, client);
		const counts = await copyTables(source, client);
		await client.query("COMMIT");
		return counts;
	} catch (error) {
		await client.query("ROLLBACK").catch(() => "the connection is gone, and the transaction with it");
		throw error;
	} finally {
		client.release();
		source.close();
	}
}

/** Nobody signs up there while it is copied. */
function openAlone(file: string): DatabaseSync {
	const source = new DatabaseSync(file, { timeout: 0 });
	try {
		source.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
		return source;
	} catch (cause) {
		source.close();
		throw new ConfigError(`A process works on ${file}, or it cannot be read: stop the Studio, then copy.`, { cause });
	}
}

/** The target is empty, or has what an earlier copy brought. */
async function refuseStrangers(source: DatabaseSync, client: PoolClient): Promise<void> {
	const { rows } = await client.query(`SELECT id FROM ${named("user")}`);
	const find = source.prepare('SELECT 1 FROM "user" WHERE id = ?');
	if (rows.every(({ id }) => find.get(id) !== undefined)) return;
	throw new ConfigError("DATABASE_URL names a database in which others have accounts already. Copy into an empty one.");
}

async function copyTables(source: DatabaseSync, client: PoolClient): Promise<AccountCounts> {
	const counts: Record<string, number> = {};
	for (const table of tables) {
		let rows: unknown[] = [];
		for (const row of source.prepare(`SELECT * FROM "${table}"`).iterate()) {
			if (rows.push(row) === pageRows) {
				await insert(client, table, rows);
				rows = [];
			}
		}
		await insert(client, table, rows);
		const there = (source.prepare(`SELECT count(*) AS n FROM "${table}"`).get() as { n: number }).n;
		const here = Number((await client.query(`SELECT count(*) AS n FROM ${named(table)}`)).rows[0].n);
		if (there !== here) throw new Error(`The copy has ${here} rows in "${table}" instead of ${there}.`);
		counts[table] = here;
	}
	return counts as AccountCounts;
}

/** Postgres reads SQLite's times and its 0 and 1 as the types of its own columns. */
async function insert(client: PoolClient, table: string, rows: readonly unknown[]): Promise<void> {
	const columns = Object.keys(rows[0] ?? {}).map((name) => `"${name}"`);
	if (columns.length === 0) return;
	await client.query(
		`INSERT INTO ${named(table)} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${named(table)}, $1)
		 ON CONFLICT (id) DO NOTHING`,
		[JSON.stringify(rows)],
	);
}

/** A table of sign-in in Postgres. */
function named(table: string): string {
	return `${studioSchema}."${table}"`;
}

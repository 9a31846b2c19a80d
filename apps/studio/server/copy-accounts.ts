import { DatabaseSync } from "node:sqlite";
import type { Pool, PoolClient } from "pg";
import { ConfigError } from "./config.ts";
import { readNote, writeNote } from "./copy-note.ts";
import { studioSchema } from "./postgres.ts";

/** Tables of sign-in, in an order in which each finds what it refers to. */
const tables = ["user", "account", "session", "verification"] as const;
const pageRows = 1_000;

/** Rows by table. */
export type AccountCounts = Readonly<Record<(typeof tables)[number], number>>;

/** How far it is: the rows of a table that were sent. Nothing is there before all of them are. */
type Tell = (progress: { readonly table: string; readonly copied: number }) => void;

/**
 * Copies accounts and sessions from the data folder's `studio.db` into Postgres, where their tables are already: all in one
 * transaction. What an earlier copy brought that has not ended is replaced, so that afterwards there is exactly what the
 * file has now. Until `removeNote` the Studio does not start on it.
 * @throws ConfigError while a process has the file open, and where others have accounts in the target already
 */
export async function copyAccounts(file: string, pool: Pool, tell: Tell): Promise<AccountCounts> {
	const source = openAlone(file);
	const client = await pool.connect();
	try {
		await client.query("BEGIN");
		await refuseStrangers(source, client);
		await client.query(`TRUNCATE ${tables.map(named)}`);
		const counts = await copyTables(source, client, tell);
		await writeNote(client, new Date());
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

/**
 * The target is empty, or has what a copy brought that has not ended. Of that, who is not in the file any more has left
 * it; who came later than the copy has signed up in Postgres, with a process that was there before.
 */
async function refuseStrangers(source: DatabaseSync, client: PoolClient): Promise<void> {
	await client.query(`LOCK TABLE ${named("user")} IN EXCLUSIVE MODE`);
	const copiedAt = await readNote(client);
	const { rows } = await client.query(`SELECT id, "createdAt" AS created_at FROM ${named("user")}`);
	const find = source.prepare('SELECT 1 FROM "user" WHERE id = ?');
	const isCopied = ({ id, created_at }: { id: string; created_at: Date }) =>
		copiedAt !== null && (created_at <= copiedAt || find.get(id) !== undefined);
	if (rows.every(isCopied)) return;
	throw new ConfigError(
		"DATABASE_URL names a database in which there are accounts already that are not of a copy under way. Copy into an empty one.",
	);
}

async function copyTables(source: DatabaseSync, client: PoolClient, tell: Tell): Promise<AccountCounts> {
	const counts: Record<string, number> = {};
	for (const table of tables) {
		let rows: unknown[] = [];
		let copied = 0;
		for (const row of source.prepare(`SELECT * FROM "${table}"`).iterate()) {
			if (rows.push(row) === pageRows) {
				await insert(client, table, rows);
				copied += rows.length;
				tell({ table, copied });
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
		`INSERT INTO ${named(table)} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${named(table)}, $1)`,
		[JSON.stringify(rows)],
	);
}

/** A table of sign-in in Postgres. */
function named(table: string): string {
	return `${studioSchema}."${table}"`;
}

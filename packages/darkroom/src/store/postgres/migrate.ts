import { readdirSync, readFileSync } from "node:fs";
import type { ClientBase } from "pg";
import { DarkroomError } from "../../core/errors.ts";
import { hasSqlState } from "./errors.ts";
import { inSchema } from "./schema.ts";

const folder = new URL("./migrations/", import.meta.url);
/** Any number that nobody else locks; the same for all of Darkroom's schemas, which migrate one after the other. */
const lockKey = 4_207_331_906;

/**
 * Applies the numbered files that this schema has not seen, all in one transaction, forward only. Processes that start
 * at once wait for each other on a lock that ends with the transaction, so it holds through a pooler, too.
 * @throws `misconfigured` when the schema was written by a newer Darkroom.
 */
export async function migrate(client: ClientBase, schema: string): Promise<void> {
	const files = readdirSync(folder)
		.filter((name) => name.endsWith(".sql"))
		.sort();
	const named = inSchema(schema);
	// Most starts find nothing to do, and need no right to change anything.
	if ((await versionOf(client, schema)) !== files.length) {
		// What the lock was waited for must be seen then.
		await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
		try {
			await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
			const version = await versionOf(client, schema);
			if (version === 0) await makeSchema(client, schema);
			for (const file of files.slice(version)) {
				await client.query(named(readFileSync(new URL(file, folder), "utf8")));
				await client.query(named("INSERT INTO darkroom.migrations (version) VALUES ($1)"), [files.indexOf(file) + 1]);
			}
			await client.query("COMMIT");
		} catch (error) {
			await client.query("ROLLBACK").catch(() => "the connection is gone, and the transaction with it");
			throw hasSqlState(error, "insufficient_privilege") ? forbidden(schema, error) : error;
		}
	}
	const version = await versionOf(client, schema);
	await requireOwner(client, schema);
	if (version > files.length) {
		throw new DarkroomError("misconfigured", {
			detail: `The database has schema ${version}, and this Darkroom knows up to ${files.length}. Use the newer Darkroom that wrote it.`,
		});
	}
}

function forbidden(schema: string, cause: unknown): DarkroomError {
	return new DarkroomError("misconfigured", {
		detail: `Darkroom's role may not make its tables in schema ${schema}. Let it own that schema, or create one in this database.`,
		cause,
	});
}

/** A role that row-level security binds would find nothing, and no error. */
async function requireOwner(client: ClientBase, schema: string): Promise<void> {
	const { rows } = await client.query("SELECT row_security_active($1) AS bound, current_user AS role", [
		`${schema}.jobs`,
	]);
	if (!rows[0]?.bound) return;
	throw new DarkroomError("misconfigured", {
		detail: `The role ${rows[0].role} does not own the tables in schema ${schema}. Connect as the role that made them.`,
	});
}

/** One that is there already needs no right to make another, which `IF NOT EXISTS` would ask for. */
async function makeSchema(client: ClientBase, schema: string): Promise<void> {
	const found = await client.query("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema]);
	if (found.rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`);
}

async function versionOf(client: ClientBase, schema: string): Promise<number> {
	// Asked as rows: `to_regclass` answers from a cache, which need not have heard yet of what another has just made.
	const table = "SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'migrations'";
	if ((await client.query(table, [schema])).rowCount === 0) return 0;
	const { rows } = await client.query(
		inSchema(schema)("SELECT coalesce(max(version), 0) AS version FROM darkroom.migrations"),
	);
	return Number(rows[0]?.version);
}

import { Client, type ClientConfig, Pool } from "pg";
import { ConfigError } from "./config.ts";

/** Where the Studio's own tables are, beside the library's schema `darkroom`. */
export const studioSchema = "studio";

/** Any number that nobody else locks. */
const migrationLock = 4_207_331_907;
/** Sign-in is asked little: a session's cookie answers for itself most of the time. */
const maxConnections = 5;
const connectTimeoutMs = 5_000;
/** A network that is gone answers nothing at all. */
const queryTimeoutMs = 15_000;
/** As the library needs. */
const oldestVersion = 14;

/** How the Studio connects. */
export function connectionTo(url: string): ClientConfig {
	return { connectionString: url, application_name: "darkroom studio", connectionTimeoutMillis: connectTimeoutMs };
}

/**
 * Whether this is a Postgres that the Studio can use, asked before anything else is: so that a wrong address, password or
 * name is told in a sentence.
 * @throws ConfigError, never with the password
 */
export async function checkDatabase(url: string): Promise<void> {
	const client = new Client({ ...connectionTo(url), query_timeout: queryTimeoutMs });
	client.on("error", () => {});
	try {
		await client.connect();
		const { rows } = await client.query("SELECT current_setting('server_version_num')::int / 10000 AS version");
		const version = Number(rows[0]?.version);
		if (version < oldestVersion)
			throw new Error(`it is Postgres ${version}, and ${oldestVersion} is the oldest that will do`);
	} catch (cause) {
		throw new ConfigError(
			`DATABASE_URL names a database that cannot be used: ${reasonOf(cause)}. ${adviceFor(cause)}`,
			{ cause },
		);
	} finally {
		await client.end().catch(() => "it was never there");
	}
}

/** What the driver says where the address has no password and the server wants one. */
const wantsPassword = /client password must be/;

/** Several addresses that were tried leave an error without a message, but with those of all. */
function reasonOf(error: unknown): string {
	const first = error instanceof AggregateError ? error.errors[0] : error;
	const said = first instanceof Error ? first.message : String(first);
	return wantsPassword.test(said) ? "it asks for a password" : said;
}

/** What to look at first, by SQLSTATE. */
function adviceFor(error: unknown): string {
	const { code = "", message = "" } = error as { readonly code?: string; readonly message?: string };
	if (wantsPassword.test(message)) return "Add the password after the user: postgres://user:password@host:5432/name.";
	if (code.startsWith("28")) return "Correct its user and password, or let that user in by pg_hba.conf.";
	if (code === "3D000") return "Make it (CREATE DATABASE), or correct the name.";
	if (code === "42501") return "Grant its user what it needs: docs/operations/postgres.md says what.";
	return "Check its host, port, user, password and name, and that Postgres is running there.";
}

/** Nothing is set in its sessions: behind a pooler, they are others' too. So tables are named with their schema. */
export function openPool(url: string): Pool {
	const pool = new Pool({ ...connectionTo(url), query_timeout: queryTimeoutMs, keepAlive: true, max: maxConnections });
	// An idle connection that is cut is replaced by the next query; unheard, it would end the process.
	pool.on("error", () => {});
	// So it is with one that is in use, between two statements.
	pool.on("connect", (client) => client.on("error", () => {}));
	return pool;
}

/** Makes the schema and runs `migrate`: processes that start at once do so one after the other. */
export async function migrateInTurn(pool: Pool, migrate: () => Promise<void>): Promise<void> {
	const client = await pool.connect();
	try {
		await client.query("BEGIN");
		await client.query("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
		// On connections of their own: what this transaction makes, `migrate` could not see.
		const { rows } = await pool.query("SELECT to_regnamespace($1) IS NULL AS is_missing", [studioSchema]);
		if (rows[0]?.is_missing) await pool.query(`CREATE SCHEMA ${studioSchema}`);
		await migrate();
	} catch (cause) {
		if ((cause as { readonly code?: string }).code !== "42501") throw cause;
		throw new ConfigError(`DATABASE_URL's user may not do what is needed: ${reasonOf(cause)}. ${adviceFor(cause)}`, {
			cause,
		});
	} finally {
		await client.query("COMMIT").catch(() => "the lock is gone with the connection");
		client.release();
	}
}

import { Client, type ClientBase } from "pg";
import { ConfigError } from "./config.ts";
import { connectionTo, studioSchema } from "./postgres.ts";

/**
 * In Postgres while `npm run copy` has begun and not ended: from the commit that brings the accounts until the library's
 * tables are there, too. It tells what an earlier copy brought, and may be replaced, from what people have done there.
 */
const note = `${studioSchema}.copying`;

/** When the latest of them was copied, by this machine's clock; null where no copy is under way. */
export async function readNote(client: ClientBase): Promise<Date | null> {
	const { rows } = await client.query("SELECT to_regclass($1) IS NOT NULL AS is_there", [note]);
	if (!rows[0]?.is_there) return null;
	const found = await client.query(`SELECT copied_at FROM ${note}`);
	return found.rows[0]?.copied_at ?? null;
}

/** Within the transaction that brings them. */
export async function writeNote(client: ClientBase, copiedAt: Date): Promise<void> {
	await client.query(`CREATE TABLE IF NOT EXISTS ${note} (copied_at timestamptz NOT NULL)`);
	await client.query(`DELETE FROM ${note}`);
	await client.query(`INSERT INTO ${note} VALUES ($1)`, [copiedAt]);
}

/** The copy has ended. Again is no harm. */
export function removeNote(databaseUrl: string): Promise<void> {
	return onConnection(databaseUrl, async (client) => void (await client.query(`DROP TABLE IF EXISTS ${note}`)));
}

/** Whoever signed up on half a copy would be in the way of the rest. @throws ConfigError while a copy has not ended */
export async function refuseHalfCopy(databaseUrl: string): Promise<void> {
	if ((await onConnection(databaseUrl, readNote)) === null) return;
	throw new ConfigError(
		"A copy into the database of DATABASE_URL has begun and not ended. Run npm run copy again: it goes on where it was.",
	);
}

async function onConnection<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
	const client = new Client(connectionTo(url));
	client.on("error", () => {});
	try {
		await client.connect();
		return await work(client);
	} finally {
		await client.end().catch(() => "it was never there");
	}
}

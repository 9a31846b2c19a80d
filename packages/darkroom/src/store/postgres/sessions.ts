import type { ClientBase } from "pg";
import { DarkroomError } from "../../core/errors.ts";
import type { Connections } from "./connection.ts";

/** Looks at most: a pooler with several servers at hand may give two connections two of them by chance. */
const looks = 3;

/**
 * Behind a pooler in transaction mode two connections are served by one process of the database in turn. What was prepared on
 * either is then gone, and news is heard by nobody: a store that counts on both would start, and every claim would fail.
 * @throws `misconfigured`
 */
export async function requireSessions(client: ClientBase, connections: Connections): Promise<void> {
	const other = await connections.connect();
	try {
		for (let look = 0; look < looks; look++) {
			if ((await serverOf(client)) === (await serverOf(other))) throw pooled();
		}
	} finally {
		await other.end().catch(() => "it was lost before");
	}
}

async function serverOf(client: ClientBase): Promise<number> {
	const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
	return rows[0].pid;
}

function pooled(): DarkroomError {
	return new DarkroomError("misconfigured", {
		detail:
			"The database is behind a pooler in transaction mode, such as PgBouncer or a host's pooled address. Say so by `listen: false` " +
			"in `postgres(url, …)` (DATABASE_LISTEN=false in the Studio), or name the database's own address.",
	});
}

import type { ClientBase } from "pg";
import type { Connections } from "./connection.ts";

/** Those whose everything was given to another, in any process: who missed the news of it finds them here. */
export class MovedOwners {
	readonly #connections: Connections;
	readonly #named: (sql: string) => string;
	/** The last one that was seen. */
	#seen = 0;

	constructor(connections: Connections, named: (sql: string) => string) {
		this.#connections = connections;
		this.#named = named;
	}

	/** From now on, not before: nobody watches yet. */
	async begin(client: ClientBase): Promise<void> {
		const { rows } = await client.query(this.#named("SELECT coalesce(max(id), 0) AS id FROM darkroom.transfers"));
		this.#seen = Number(rows[0]?.id);
	}

	/** Since the last call; calls at the same time may give the same. */
	async read(): Promise<string[]> {
		const sql = this.#named("SELECT id, owner FROM darkroom.transfers WHERE id > $1 ORDER BY id");
		const rows = await this.#connections.query<{ id: number; owner: string }>(sql, [this.#seen]);
		this.#seen = Math.max(this.#seen, rows.at(-1)?.id ?? 0);
		return rows.map(({ owner }) => owner);
	}
}

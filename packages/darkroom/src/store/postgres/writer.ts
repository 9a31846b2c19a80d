import type { Client, QueryConfig } from "pg";
import { type Connections, types } from "./connection.ts";
import { isConnectionLost } from "./errors.ts";

/** Bytes of the name of a prepared statement. */
const longestName = 63;

export interface WriterOptions {
	readonly connections: Connections;
	/**
	 * Whether its statements, of which there are few, are prepared once; the server knows each by its text, cut to 63 bytes, in
	 * which they differ. Not behind a pooler, where each transaction may meet another connection.
	 */
	readonly prepares: boolean;
}

/**
 * A connection for turns. A statement is sent at once, behind those that are under way, and is answered after them. A
 * connection that fails is forgotten, and the next statement makes another.
 */
export class Writer {
	readonly #options: WriterOptions;
	#client: Promise<Client> | undefined;

	constructor(options: WriterOptions) {
		this.#options = options;
	}

	async write<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
		this.#client ??= this.#connect();
		const connecting = this.#client;
		const client = await connecting;
		const name = this.#options.prepares ? { name: text.slice(0, longestName) } : {};
		try {
			const { rows } = await client.query({ ...name, text, values: [...values], types } as QueryConfig);
			return rows as Row[];
		} catch (error) {
			// A server that closes a connection says so before it hangs up: the next statement must not follow it.
			if (isConnectionLost(error)) this.#forget(connecting);
			throw error;
		}
	}

	async close(): Promise<void> {
		await this.#client?.then((client) => client.end()).catch(() => "it was lost before");
	}

	#connect(): Promise<Client> {
		const connecting = this.#options.connections.connect({ pipeline: true });
		const forget = () => this.#forget(connecting);
		connecting.then((client) => client.on("end", forget), forget);
		return connecting;
	}

	/** Another one may have taken its place by now. */
	#forget(connecting: Promise<Client>): void {
		if (this.#client === connecting) this.#client = undefined;
	}
}

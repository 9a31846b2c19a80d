import type { Client, ClientConfig, Pool, PoolClient, QueryConfig } from "pg";
import { DarkroomError } from "../../core/errors.ts";
import { isConnectionLost } from "./errors.ts";

/** How long a query may take before its connection is given up, in ms: a network that is gone answers nothing at all. */
const queryTimeoutMs = 15_000;
const connectTimeoutMs = 5_000;
/** Bytes of the name of a prepared statement. */
const longestName = 63;

/** Whole numbers of 64 bits come as text by default; ours are times, credits and counts, which a number holds. JSON stays text. */
export const types = {
	getTypeParser(oid: number): (text: string) => unknown {
		const isWhole = oid === 20 || oid === 21 || oid === 23 || oid === 26 || oid === 1700;
		if (isWhole) return Number;
		return oid === 16 ? (text) => text === "t" : (text) => text;
	},
};

export interface ConnectionOptions {
	/** `postgres://user:password@host:port/database`. */
	readonly url: string;
	/** Connections at most, beside the writer's and the listener's. */
	readonly maxReaders: number;
	/**
	 * Whether the writer's statements, of which there are few, are prepared once; the server knows each by its text, cut to 63
	 * bytes, in which they differ. Not behind a pooler, where each transaction may meet another connection.
	 */
	readonly prepares: boolean;
	/** Shown in `pg_stat_activity`. */
	readonly applicationName: string;
}

type Pg = typeof import("pg").default;

/** Loaded at the first use, so that an app on SQLite needs no driver. @throws `misconfigured` naming the package */
export async function loadDriver(): Promise<Pg> {
	try {
		// A CommonJS package: what it exports is its default.
		const { default: driver } = await import("pg");
		return driver;
	} catch (cause) {
		throw new DarkroomError("misconfigured", {
			detail: "Postgres needs the package pg. Install it with: npm install pg",
			cause,
		});
	}
}

/** The connections of one store: many for reads and rare transitions, one for turns. Each is made when it is needed. */
export class Connections {
	readonly #options: ConnectionOptions;
	#pool: Promise<Pool> | undefined;
	#writer: Promise<Client> | undefined;

	constructor(options: ConnectionOptions) {
		this.#options = options;
	}

	/** One statement on any connection. */
	async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
		const pool = await this.#readers();
		const { rows } = await pool.query({ text, values: [...values], types } as QueryConfig);
		return rows as Row[];
	}

	/** Several statements on one connection of their own. */
	async using<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
		const client = await (await this.#readers()).connect();
		try {
			return await work(client);
		} finally {
			client.release();
		}
	}

	/**
	 * One statement on the writer's connection, sent at once, behind those that are under way; it is answered after them. A
	 * connection that fails is forgotten, and the next statement makes another.
	 */
	async write<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
		this.#writer ??= this.#connectWriter();
		const connecting = this.#writer;
		const writer = await connecting;
		const name = this.#options.prepares ? { name: text.slice(0, longestName) } : {};
		try {
			const { rows } = await writer.query({ ...name, text, values: [...values], types } as QueryConfig);
			return rows as Row[];
		} catch (error) {
			// A server that closes a connection says so before it hangs up: the next statement must not follow it.
			if (isConnectionLost(error)) this.#forget(connecting);
			throw error;
		}
	}

	/** A connection of its own for a listener, which closes it. */
	async connect(): Promise<Client> {
		const { Client } = await loadDriver();
		const client = new Client(this.#config());
		// Without a listener, an error of an idle connection would end the process; its queries tell of it, too.
		client.on("error", () => {});
		await client.connect();
		return client;
	}

	async close(): Promise<void> {
		const ending = [this.#writer?.then((writer) => writer.end()), this.#pool?.then((pool) => pool.end())];
		await Promise.allSettled(ending);
	}

	#config(): ClientConfig {
		return {
			connectionString: this.#options.url,
			application_name: this.#options.applicationName,
			query_timeout: queryTimeoutMs,
			connectionTimeoutMillis: connectTimeoutMs,
			keepAlive: true,
		};
	}

	#readers(): Promise<Pool> {
		this.#pool ??= this.#createPool();
		return this.#pool;
	}

	async #createPool(): Promise<Pool> {
		const { Pool } = await loadDriver();
		const pool = new Pool({ ...this.#config(), max: this.#options.maxReaders });
		pool.on("error", () => {});
		return pool;
	}

	#connectWriter(): Promise<Client> {
		const connecting = this.#createWriter();
		const forget = () => this.#forget(connecting);
		connecting.then((client) => client.on("end", forget), forget);
		return connecting;
	}

	async #createWriter(): Promise<Client> {
		const { Client } = await loadDriver();
		const client = new Client({ ...this.#config(), pipeline: true });
		// Its end is what tells of it.
		client.on("error", () => {});
		await client.connect();
		return client;
	}

	/** Another one may have taken its place by now. */
	#forget(connecting: Promise<Client>): void {
		if (this.#writer === connecting) this.#writer = undefined;
	}
}

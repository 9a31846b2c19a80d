import type { Client, ClientBase, ClientConfig, Pool, PoolClient, QueryConfig } from "pg";
import { DarkroomError } from "../../core/errors.ts";

/** How long a query may take before its connection is given up, in ms: a network that is gone answers nothing at all. */
const queryTimeoutMs = 15_000;
const connectTimeoutMs = 5_000;

/**
 * Whole numbers of 64 bits come as text by default; ours are times, credits and counts, which a number holds.
 * JSON stays text.
 */
export const types = {
	getTypeParser(oid: number): (text: string) => unknown {
		const isWhole = oid === 20 || oid === 21 || oid === 23 || oid === 26 || oid === 1700;
		if (isWhole) return Number;
		return oid === 16 ? (text) => text === "t" : (text) => text;
	},
};

/** What role, database or server may have set otherwise (isolation.ts); once for each connection. */
const ownIsolation = "SET default_transaction_isolation TO 'read committed'";

export interface ConnectionOptions {
	/** `postgres://user:password@host:port/database`. */
	readonly url: string;
	/** Connections at most, beside the writers' and the listener's. */
	readonly maxReaders: number;
	/** Shown in `pg_stat_activity`. */
	readonly applicationName: string;
	/** False behind a pooler that gives each transaction another connection: what is set for one would be another's. */
	readonly hasSessions: boolean;
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

/**
 * The driver takes an address of any other server for one of Postgres, and waits there for what never comes.
 * @throws `misconfigured`, without the address, which has a password
 */
export function requirePostgres(url: string): string {
	const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
	if (scheme === undefined || /^(postgres(ql)?|socket)$/i.test(scheme)) return url;
	throw new DarkroomError("misconfigured", {
		detail: `The database's address begins with ${scheme}://, which is no Postgres: it must look like postgres://user:password@host:5432/name.`,
	});
}

/** The connections of one store for reads and rare transitions, and the way to others. Each is made when it is needed. */
export class Connections {
	readonly #options: ConnectionOptions;
	#pool: Promise<Pool> | undefined;

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

	/** A connection of its own for a listener or a writer, which closes it. `pipeline`: statements do not wait for each other. */
	async connect({ pipeline = false } = {}): Promise<Client> {
		const { Client } = await loadDriver();
		const client = new Client({ ...this.#config(), pipeline });
		// Without a listener, an error of an idle connection would end the process; its end and its queries tell of it, too.
		client.on("error", () => {});
		await client.connect();
		// Just before what it is made for, in the same round trip; should it fail, so does that.
		if (pipeline && this.#options.hasSessions) client.query(ownIsolation).catch(() => "what follows tells");
		return client;
	}

	async close(): Promise<void> {
		await this.#pool?.then((pool) => pool.end()).catch(() => "it was lost before");
	}

	#config(): ClientConfig {
		return {
			connectionString: requirePostgres(this.#options.url),
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
		const { maxReaders: max, hasSessions } = this.#options;
		const onConnect = async (client: ClientBase) => void (hasSessions && (await client.query(ownIsolation)));
		const pool = new Pool({ ...this.#config(), max, onConnect });
		pool.on("error", () => {});
		// The pool listens to those that are idle; one that is in use between two statements may lose its server, too.
		pool.on("connect", (client) => client.on("error", () => {}));
		return pool;
	}
}

import { randomUUID } from "node:crypto";
import { isDarkroomError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { DatabaseLog } from "../database-log.ts";
import { Listeners } from "../listeners.ts";
import { storeClosed } from "../refusals.ts";
import type { Change, Elsewhere, Store, Submission, Submitted } from "../store.ts";
import type { Ask, Queued } from "./ask.ts";
import { Connections } from "./connection.ts";
import { requireWhole } from "./copying.ts";
import { toStoreError } from "./errors.ts";
import { requireReadCommitted } from "./isolation.ts";
import { submitWithin } from "./joined.ts";
import { migrate } from "./migrate.ts";
import { MovedOwners } from "./moved-owners.ts";
import { News } from "./news.ts";
import { toOpenError } from "./opening.ts";
import { inSchema } from "./schema.ts";
import { requireSessions } from "./sessions.ts";
import { type Committed, Turn } from "./turn.ts";
import { Writer } from "./writer.ts";

/** Ways for turns, side by side: on one the server works while on the other it waits for the disk. More make smaller turns. */
const writers = 2;

/** Rows of a query that is written for the default schema. */
export type Query = <Row>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/**
 * Calls one of the functions in migrations/ whose first parameter is the sender and whose result is JSON, in a transaction
 * of its own; `read` turns the answer into a result or a refusal, and notes what changed.
 */
export type Call = <Result>(
	name: string,
	values: readonly unknown[],
	read: (answer: unknown, note: (change: Change) => void) => Result,
) => Promise<Result>;

export interface DatabaseOptions {
	readonly url: string;
	readonly schema: string;
	readonly listens: boolean;
	readonly maxReaders: number;
	readonly pollEveryMs: number;
	readonly logger: Logger;
	/** Whose the jobs of these leases are now. */
	readonly findOwners: Store["findOwners"];
}

/** A way for turns, with a connection of its own. */
interface Lane {
	readonly writer: Writer;
	readonly turn: Turn;
}

/** The database behind a store: connected and migrated at its first use. */
export class Database {
	readonly #connections: Connections;
	readonly #lanes: readonly Lane[];
	readonly #moved: MovedOwners;
	readonly #news: News;
	readonly #findOwners: Store["findOwners"];
	readonly #schema: string;
	readonly #listens: boolean;
	readonly #named: (sql: string) => string;
	readonly #log: DatabaseLog;
	/** Names this process in what it tells the others. */
	readonly #sender = randomUUID();
	readonly #listeners = new Listeners<readonly Change[]>();
	readonly #elsewhereListeners = new Listeners<Elsewhere>();
	#opened: Promise<void> | undefined;
	#isClosed = false;
	#closing: Promise<void> | undefined;

	constructor({ url, schema, listens, maxReaders, pollEveryMs, logger, findOwners }: DatabaseOptions) {
		this.#findOwners = findOwners;
		this.#schema = schema;
		this.#listens = listens;
		this.#named = inSchema(schema);
		this.#log = new DatabaseLog(logger);
		const connections = new Connections({ url, maxReaders, applicationName: "darkroom", hasSessions: listens });
		this.#connections = connections;
		this.#lanes = Array.from({ length: writers }, () => {
			const writer = new Writer({ connections, prepares: listens });
			const turn = new Turn({
				connections,
				writer,
				sender: this.#sender,
				named: this.#named,
				onCommit: (committed) => this.#tell(committed),
				onRefused: (refused, refusal) => void this.#refuse(refused, refusal),
				onLost: () => void this.#news.lost(),
				logger,
			});
			return { writer, turn };
		});
		this.#moved = new MovedOwners(connections, this.#named);
		this.#news = new News({
			connections,
			logger,
			sender: this.#sender,
			channel: `${schema}.news`,
			listens,
			pollEveryMs,
			readMoved: () => this.#moved.read(),
			tell: (news) => this.#elsewhereListeners.tell(news),
		});
	}

	/** Connects and migrates. Where it fails, the next call tries again. */
	async open(): Promise<void> {
		if (this.#isClosed) throw storeClosed();
		this.#opened ??= this.#connections
			.using(async (client) => {
				if (this.#listens) await requireSessions(client, this.#connections);
				await requireReadCommitted(client);
				await migrate(client, this.#schema);
				await requireWhole(client, this.#schema);
				await this.#moved.begin(client);
			})
			.then(() => this.#news.start())
			.catch((error: unknown) => {
				this.#opened = undefined;
				throw toOpenError(error);
			});
		return this.#opened;
	}

	/** A transition, in this turn's transaction. */
	commit<Result>(ask: Ask<Result>): Promise<Result> {
		const turn = this.#turnOf(ask.owners[0]);
		if (this.#opened === undefined || this.#isClosed) return this.open().then(() => turn.ask(ask));
		return turn.ask(ask);
	}

	/** A worker that has not heard yet whose its job is now names the old owner: it is asked once more, for the new one. */
	async #refuse({ ask, resolve, reject }: Queued, refusal: unknown): Promise<void> {
		const { lease, asOwner } = ask;
		if (!lease || !asOwner || !isDarkroomError(refusal, "lease_lost")) return reject(refusal);
		try {
			const owner = (await this.#findOwners([lease])).get(lease.leaseToken);
			if (owner === undefined || owner === lease.owner) return reject(refusal);
			resolve(await this.commit(asOwner(owner)));
		} catch (error) {
			reject(error);
		}
	}

	/** A submit inside the app's own transaction. */
	async submitWithin(client: unknown, submission: Submission): Promise<Submitted> {
		await this.open();
		return submitWithin(client, submission, this.#named);
	}

	readonly query: Query = async <Row>(sql: string, values: readonly unknown[]) => {
		await this.open();
		const startedAt = performance.now();
		try {
			return await this.#connections.query<Row>(this.#named(sql), values);
		} catch (error) {
			throw this.#isClosed ? storeClosed() : toStoreError(error);
		} finally {
			this.#log.ended("database query", startedAt, sql);
		}
	};

	readonly call: Call = async (name, values, read) => {
		const all = [this.#sender, ...values];
		const places = all.map((_, i) => `$${i + 1}`).join(", ");
		const startedAt = performance.now();
		const [row] = await this.query<{ answer: string }>(`SELECT darkroom.${name}(${places}) AS answer`, all);
		const changes: Change[] = [];
		const result = read(JSON.parse(row?.answer ?? "null"), (change) => changes.push(change));
		this.#tell({ changes, transitions: 1, durationMs: performance.now() - startedAt });
		return result;
	};

	onChange(listener: (changes: readonly Change[]) => void): () => void {
		return this.#listeners.add(listener);
	}

	onElsewhere(listener: (news: Elsewhere) => void): () => void {
		return this.#elsewhereListeners.add(listener);
	}

	close(): Promise<void> {
		this.#isClosed = true;
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		await this.#opened?.catch((error: unknown) => {
			if (!isDarkroomError(error)) throw error;
		});
		await Promise.all(this.#lanes.map(({ turn }) => turn.close(storeClosed())));
		await this.#news.close();
		await Promise.all(this.#lanes.map(({ writer }) => writer.close()));
		await this.#connections.close();
	}

	/** An owner's transitions keep to one lane, so that lanes do not wait for each other's locks. */
	#turnOf(owner: string | undefined): Turn {
		let hash = 0;
		for (const letter of owner ?? "") hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
		return (this.#lanes[Math.abs(hash) % this.#lanes.length] as Lane).turn;
	}

	#tell({ changes, transitions, durationMs }: Committed): void {
		if (changes.length === 0) return;
		this.#log.committed(changes, transitions, durationMs);
		this.#listeners.tell(changes);
	}
}

import type { Client } from "pg";
import { DarkroomError } from "../core/errors.ts";
import { loadDriver, requirePostgres } from "../store/postgres/connection.ts";
import { copiedTable, copyingTable } from "../store/postgres/copying.ts";
import { migrate } from "../store/postgres/migrate.ts";
import { toOpenError } from "../store/postgres/opening.ts";
import { inSchema } from "../store/postgres/schema.ts";
import type { Page, Row } from "./source.ts";
import { balances, type CopiedTable, type OwnerSums, tables } from "./tables.ts";

const connectTimeoutMs = 5_000;
/** Owners that are read at a time when sums are compared. */
const sumsPage = 5_000;

/** How far a copy is: for each table the key of the last row that is there. */
type Progress = Readonly<Partial<Record<CopiedTable["name"], string>>>;

/** The Postgres that is copied into, on one connection. */
export class Target {
	readonly #client: Client;
	readonly #schema: string;
	readonly #named: (sql: string) => string;
	#progress: Progress = {};

	private constructor(client: Client, schema: string) {
		this.#client = client;
		this.#schema = schema;
		this.#named = inSchema(schema);
	}

	static async connect(url: string, schema: string): Promise<Target> {
		const { Client } = await loadDriver();
		const client = new Client({
			connectionString: requirePostgres(url),
			application_name: "darkroom copy",
			connectionTimeoutMillis: connectTimeoutMs,
			keepAlive: true,
		});
		// Its queries tell of it; unheard, it would end the process.
		client.on("error", () => {});
		try {
			await client.connect();
		} catch (error) {
			throw toOpenError(error);
		}
		return new Target(client, schema);
	}

	/**
	 * Makes the tables and begins, or finds out how far an earlier copy of the same source came. True for the latter.
	 * @throws `misconfigured` where other data is there, a copy of something else has begun, or this one is complete
	 */
	async begin(fingerprint: string): Promise<boolean> {
		await migrate(this.#client, this.#schema);
		return this.transaction(async () => {
			// Two that begin at once do so one after the other.
			await this.#ask("LOCK TABLE darkroom.migrations IN EXCLUSIVE MODE");
			const [table] = await this.#ask("SELECT to_regclass($1) AS found", [`${this.#schema}.${copyingTable}`]);
			if (table?.found !== null) {
				await this.#resume(fingerprint);
				return true;
			}
			await this.#refuseAgain(fingerprint);
			await this.#requireEmpty();
			await this.#ask(`CREATE TABLE darkroom.${copyingTable} (fingerprint text NOT NULL, progress json NOT NULL)`);
			await this.#ask(`INSERT INTO darkroom.${copyingTable} VALUES ($1, '{}')`, [fingerprint]);
			return false;
		});
	}

	/** The key of the last row that is there already. */
	upTo(table: CopiedTable): string | null {
		return this.#progress[table.name] ?? null;
	}

	/** A page and the note of how far it goes, both or neither. */
	async add(table: CopiedTable, { rows, upTo }: Page): Promise<void> {
		const progress = { ...this.#progress, [table.name]: upTo };
		await this.transaction(async () => {
			// Whoever was killed may still have a page under way: this waits for its end, and refuses what it has brought.
			const [row] = await this.#ask(`SELECT progress FROM darkroom.${copyingTable} FOR UPDATE`);
			if (JSON.stringify(row?.progress) !== JSON.stringify(this.#progress)) throw overtaken();
			await this.insert(table, rows);
			await this.#ask(`UPDATE darkroom.${copyingTable} SET progress = $1`, [JSON.stringify(progress)]);
		});
		this.#progress = progress;
	}

	async insert(table: CopiedTable, rows: readonly Row[]): Promise<void> {
		const columns = (await this.#columns(table)).filter((column) => column in (rows[0] ?? {})).join(", ");
		await this.#ask(
			`INSERT INTO darkroom.${table.name} (${columns}) SELECT ${columns}
			 FROM json_populate_recordset(NULL::darkroom.${table.name}, $1) WITH ORDINALITY ORDER BY ordinality`,
			[toJson(rows)],
		);
	}

	/** The next number that is given is higher. */
	async setLastChange(change: number): Promise<void> {
		if (change > 0) await this.#ask("SELECT setval('darkroom.changes', $1)", [change]);
	}

	async count(table: CopiedTable): Promise<number> {
		const [row] = await this.#ask(`SELECT count(*) AS n FROM darkroom.${table.name} WHERE ${table.among ?? "true"}`);
		return Number(row?.n);
	}

	/** By owner, in the order of their names. Within a transaction. */
	async *sums(): AsyncGenerator<OwnerSums> {
		await this.#ask(`DECLARE sums CURSOR FOR ${balances}`);
		for (;;) {
			const page = await this.#ask(`FETCH ${sumsPage} FROM sums`);
			for (const { owner, ...sums } of page) {
				const numbers = Object.entries(sums).map(([name, sum]) => [name, Number(sum)] as const);
				yield { owner, ...Object.fromEntries(numbers) } as OwnerSums;
			}
			if (page.length < sumsPage) return;
		}
	}

	/** From here on this is a whole database, and stores may open it. What it was copied from stays. Within a transaction. */
	async release(): Promise<void> {
		await this.#ask(`DROP TABLE IF EXISTS darkroom.${copiedTable}`);
		await this.#ask(`ALTER TABLE darkroom.${copyingTable} RENAME TO ${copiedTable}`);
	}

	/** So that the first queries are planned for what is there now. */
	async analyze(): Promise<void> {
		for (const { name } of tables) await this.#ask(`ANALYZE darkroom.${name}`);
	}

	async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
		await this.#ask("BEGIN ISOLATION LEVEL READ COMMITTED");
		try {
			const result = await work();
			await this.#ask("COMMIT");
			return result;
		} catch (error) {
			await this.#ask("ROLLBACK").catch(() => "the connection is gone, and the transaction with it");
			throw error;
		}
	}

	close(): Promise<void> {
		return this.#client.end();
	}

	async #resume(fingerprint: string): Promise<void> {
		const [row] = await this.#ask(`SELECT fingerprint, progress FROM darkroom.${copyingTable} FOR UPDATE`);
		if (row?.fingerprint !== fingerprint) {
			throw new DarkroomError("misconfigured", {
				detail: `A copy into schema ${this.#schema} has begun, of another database or of this one before it changed. Drop the schema to begin again: DROP SCHEMA ${this.#schema} CASCADE.`,
			});
		}
		this.#progress = row.progress as Progress;
	}

	async #refuseAgain(fingerprint: string): Promise<void> {
		const [table] = await this.#ask("SELECT to_regclass($1) AS found", [`${this.#schema}.${copiedTable}`]);
		if (table?.found === null) return;
		const [row] = await this.#ask(`SELECT fingerprint FROM darkroom.${copiedTable}`);
		if (row?.fingerprint !== fingerprint || (await this.#firstFilled()) === undefined) return;
		throw new DarkroomError("misconfigured", {
			detail: `The copy into schema ${this.#schema} is complete already: nothing has changed in the source since. Start your app on Postgres.`,
			data: { isComplete: true },
		});
	}

	async #requireEmpty(): Promise<void> {
		const name = await this.#firstFilled();
		if (name === undefined) return;
		throw new DarkroomError("misconfigured", {
			detail: `There are ${name} in schema ${this.#schema} already. Copy into an empty database, or into another schema.`,
		});
	}

	async #firstFilled(): Promise<CopiedTable["name"] | undefined> {
		for (const { name } of tables) {
			const [row] = await this.#ask(`SELECT EXISTS (SELECT FROM darkroom.${name}) AS found`);
			if (row?.found) return name;
		}
		return undefined;
	}

	/** Those that are given; the rest Postgres numbers itself. */
	async #columns({ name }: CopiedTable): Promise<string[]> {
		const rows = await this.#ask(
			`SELECT attname FROM pg_attribute
			 WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum`,
			[`${this.#schema}.${name}`],
		);
		return rows.map((row) => String(row.attname));
	}

	async #ask(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
		return (await this.#client.query(this.#named(sql), [...values])).rows;
	}
}

/** Texts as Postgres can hold them: where SQLite let a NUL in, it gets the sign for what cannot be shown. */
function toJson(rows: readonly Row[]): string {
	return JSON.stringify(rows, (_, value: unknown) =>
		typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value,
	);
}

function overtaken(): DarkroomError {
	return new DarkroomError("conflict", {
		detail: "Another copy goes on at the same time. Let it end, or end it, then run this one again.",
	});
}

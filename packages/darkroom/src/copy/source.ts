import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { DarkroomError } from "../core/errors.ts";
import { isBusy, toOpeningError } from "../store/sqlite/errors.ts";
import { migrate } from "../store/sqlite/migrate.ts";
import { balances, type CopiedTable, type OwnerSums } from "./tables.ts";

/** A row on its way; its values are texts, numbers and nulls. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Rows that are sent together, and the text of all of them that is too much for more. */
const pageRows = 1_000;
const pageCharacters = 4_000_000;

export interface Page {
	readonly rows: readonly Row[];
	/** The key of its last row. */
	readonly upTo: string;
}

/**
 * The SQLite database that is copied, which nobody else can open meanwhile: so all that is read is of one moment, and
 * nothing is accepted there that the copy would not have.
 */
export class Source {
	readonly #db: DatabaseSync;

	/** @throws `misconfigured` where there is none, `store_unavailable` while another process has it open */
	constructor(path: string) {
		if (!existsSync(path)) {
			throw new DarkroomError("misconfigured", { detail: `There is no file ${path} that could be copied.` });
		}
		this.#db = openAlone(path);
	}

	/** What tells whether this is what an earlier copy began with: it differs after whatever happened since. */
	fingerprint(): string {
		const [row] = this.#all(`SELECT (SELECT value FROM counters WHERE name = 'change') AS change,
			(SELECT count(*) FROM jobs) AS jobs, (SELECT count(*) FROM steps) AS steps,
			(SELECT count(*) FROM entries) AS entries, (SELECT max(id) FROM entries) AS entry,
			(SELECT count(*) FROM assets) AS assets, (SELECT count(kept_at) FROM assets) AS kept, (SELECT count(removed_at) FROM assets) AS removed,
			(SELECT max(created_at) FROM assets) AS asset, (SELECT min(id) FROM jobs) AS first,
			(SELECT sum(posted) FROM accounts) AS posted, (SELECT sum(held) FROM accounts) AS held`);
		return JSON.stringify(row);
	}

	/** The highest change number that was given. */
	lastChange(): number {
		const [row] = this.#all("SELECT value FROM counters WHERE name = 'change'");
		return Number(row?.value);
	}

	count(table: CopiedTable): number {
		const [row] = this.#all(`SELECT count(*) AS n FROM (${table.rows})`);
		return Number(row?.n);
	}

	/** All rows after the key `after`, in pages; null: from the first. */
	*pages(table: CopiedTable, after: string | null): Generator<Page> {
		const where = after === null ? "" : "WHERE copy_key > ?";
		const statement = this.#db.prepare(`SELECT * FROM (${table.rows}) ${where} ORDER BY copy_key`);
		const key = table.isKeyText ? after : Number(after);
		let rows: Row[] = [];
		let characters = 0;
		let upTo = "";
		for (const found of statement.iterate(...(after === null ? [] : [key]))) {
			const { copy_key, ...row } = found as Record<string, string | number | null>;
			rows.push(row);
			upTo = String(copy_key);
			for (const value of Object.values(row)) characters += typeof value === "string" ? value.length : 1;
			if (rows.length < pageRows && characters < pageCharacters) continue;
			yield { rows, upTo };
			rows = [];
			characters = 0;
		}
		if (rows.length > 0) yield { rows, upTo };
	}

	/** By owner, in the order of their names. */
	*sums(): Generator<OwnerSums> {
		for (const row of this.#db.prepare(balances.replaceAll("darkroom.", "")).iterate()) {
			yield row as unknown as OwnerSums;
		}
	}

	close(): void {
		this.#db.close();
	}

	#all(sql: string): Record<string, unknown>[] {
		return this.#db.prepare(sql).all();
	}
}

function openAlone(path: string): DatabaseSync {
	const db = new DatabaseSync(path, { timeout: 0 });
	try {
		// Held until it is closed (https://www.sqlite.org/pragma.html#pragma_locking_mode). An app that has it open is in the way.
		db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
		requireDarkroom(db, path);
		migrate(db);
		return db;
	} catch (error) {
		db.close();
		throw isBusy(error) ? inUse(path, error) : toOpeningError(error, path);
	}
}

function requireDarkroom(db: DatabaseSync, path: string): void {
	const found = db.prepare(
		"SELECT count(*) AS n FROM sqlite_master WHERE name IN ('jobs', 'steps', 'entries', 'counters')",
	);
	if ((found.get() as { n: number }).n === 4) return;
	throw new DarkroomError("misconfigured", { detail: `${path} is not a database of Darkroom's.` });
}

function inUse(path: string, cause: unknown): DarkroomError {
	return new DarkroomError("store_unavailable", {
		detail: `A process works on ${path}: stop it, then copy. What it would accept meanwhile would be lost.`,
		cause,
	});
}

import { DatabaseSync } from "node:sqlite";
import { threadId } from "node:worker_threads";
import { silentLogger } from "../core/logger.ts";
import { Database } from "../store/sqlite/database.ts";
import { storeOn } from "../store/sqlite/store-on.ts";
import type { Backend, EntrySums, JobSums } from "./database.testsuite.ts";
import { ModelRows } from "./model-rows.testsuite.ts";
import { createModelStore } from "./model-store.testsuite.ts";

export type BackendName = "model" | "sqlite";

export function createBackend(name: BackendName): Backend {
	return name === "model" ? modelBackend() : new SqliteBackend();
}

function modelBackend(): Backend {
	const rows = new ModelRows();
	function sum<Name extends "owner" | "jobId">(name: Name) {
		const sums = new Map<string, { posted: number; held: number }>();
		for (const entry of rows.entries) {
			const key = entry[name];
			if (key === null) continue;
			const { posted, held } = sums.get(key) ?? { posted: 0, held: 0 };
			sums.set(key, { posted: posted + entry.posted, held: held + entry.held });
		}
		return sums;
	}
	return {
		connect: (defer) => createModelStore(rows, defer),
		empty: () => rows.empty(),
		sumsByOwner: () => [...sum("owner")].map(([owner, sums]) => ({ owner, ...sums })),
		sumsByJob: () => [...sum("jobId")].map(([jobId, sums]) => ({ jobId, ...sums })),
		close: () => {},
	};
}

let opened = 0;

/** The real store, on SQLite's own file system in memory: its connections share it as processes share a file. */
class SqliteBackend implements Backend {
	readonly #path = `file:/simulation-${threadId}-${++opened}?vfs=memdb`;
	readonly connect: Backend["connect"] = (defer) =>
		storeOn(new Database(this.#path, silentLogger, { defer, askEveryMs: null }));
	#behind: BehindTheStore | undefined;

	/** Opened late: the first connection of the store makes the tables. */
	get #open(): BehindTheStore {
		this.#behind ??= lookBehind(this.#path);
		return this.#behind;
	}

	empty(): void {
		const { db, emptying } = this.#open;
		db.exec("BEGIN IMMEDIATE");
		for (const emptyTable of emptying) emptyTable();
		db.exec("COMMIT");
	}

	sumsByOwner(): readonly EntrySums[] {
		return this.#open.sumsByOwner.all() as unknown as EntrySums[];
	}

	sumsByJob(): readonly JobSums[] {
		return this.#open.sumsByJob.all() as unknown as JobSums[];
	}

	close(): void {
		this.#behind?.db.close();
	}
}

type BehindTheStore = ReturnType<typeof lookBehind>;

function lookBehind(path: string) {
	const db = new DatabaseSync(path);
	const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all();
	return {
		db,
		emptying: tables.map(({ name }) => emptierOf(db, String(name))),
		sumsByOwner: db.prepare("SELECT owner, SUM(posted) AS posted, SUM(held) AS held FROM entries GROUP BY owner"),
		sumsByJob: db.prepare(
			"SELECT jobs.id AS jobId, SUM(posted) AS posted, SUM(entries.held) AS held FROM entries JOIN jobs ON seq = job GROUP BY job",
		),
	};
}

/** Makes a table what the migrations left it as. */
function emptierOf(db: DatabaseSync, table: string): () => void {
	const rows = db.prepare(`SELECT * FROM ${table}`).all();
	const remove = db.prepare(`DELETE FROM ${table}`);
	const columns = Object.keys(rows[0] ?? {});
	const values = columns.map(() => "?").join(", ");
	const insert = rows.length > 0 ? db.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${values})`) : null;
	return () => {
		remove.run();
		for (const row of rows) insert?.run(...Object.values(row));
	};
}

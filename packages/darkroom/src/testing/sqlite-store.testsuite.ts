import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sqlite } from "../store/sqlite/index.ts";
import type { Store } from "../store/store.ts";
import type { JoinableUnderTest } from "./store/rig.testsuite.ts";

export interface SqliteUnderTest extends JoinableUnderTest {
	/** Of the file. */
	readonly path: string;
	second(): Promise<Store>;
}

/** A store on a file of its own, in a temporary folder that is removed with it. */
export async function createSqliteStore(): Promise<SqliteUnderTest> {
	const folder = await mkdtemp(join(tmpdir(), "darkroom-store-"));
	const path = join(folder, "darkroom.db");
	const stores: Store[] = [];
	const connect = () => {
		const store = sqlite(path);
		stores.push(store);
		return store;
	};
	const closeAll = () => Promise.all(stores.map((store) => store.close()));
	return {
		path,
		store: connect(),
		second: async () => connect(),
		reopen: async () => {
			await closeAll();
			return connect();
		},
		transaction: async () => {
			const db = new DatabaseSync(path);
			db.exec("CREATE TABLE IF NOT EXISTS stories (name TEXT NOT NULL); BEGIN IMMEDIATE");
			return {
				client: db,
				write: async (row) => void db.prepare("INSERT INTO stories (name) VALUES (?)").run(row),
				commit: async () => db.exec("COMMIT"),
				rollback: async () => db.exec("ROLLBACK"),
				committed: async () => {
					const other = new DatabaseSync(path, { readOnly: true });
					const rows = other.prepare("SELECT name FROM stories").all();
					other.close();
					return rows.map(({ name }) => String(name));
				},
			};
		},
		sumEntries: async (owner) => {
			const db = new DatabaseSync(path, { readOnly: true });
			const sum = db.prepare("SELECT SUM(posted) AS posted, SUM(held) AS held FROM entries WHERE owner = ?");
			const { posted, held } = sum.get(owner) as { posted: number | null; held: number | null };
			db.close();
			return { posted: posted ?? 0, held: held ?? 0 };
		},
		close: async () => {
			await closeAll();
			await rm(folder, { recursive: true });
		},
	};
}

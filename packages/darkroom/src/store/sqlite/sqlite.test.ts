import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeJoined } from "../../testing/store/joined.testsuite.ts";
import type { CreateStore } from "../../testing/store/rig.testsuite.ts";
import { describeStore } from "../../testing/store.testsuite.ts";
import type { Store } from "../store.ts";
import { sqlite } from "./index.ts";

const create: CreateStore = async () => {
	const folder = await mkdtemp(join(tmpdir(), "darkroom-store-"));
	const path = join(folder, "darkroom.db");
	const stores: [Store, ...Store[]] = [sqlite(path)];
	const connect = async () => {
		const store = sqlite(path);
		stores.push(store);
		return store;
	};
	return {
		store: stores[0],
		second: connect,
		reopen: async () => {
			await Promise.all(stores.map((store) => store.close()));
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
			await Promise.all(stores.map((store) => store.close()));
			await rm(folder, { recursive: true });
		},
	};
};

describeStore("SQLite", create);
describeJoined("SQLite", create);

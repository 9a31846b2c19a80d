import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgres } from "../../store/postgres/index.ts";
import { sqlite } from "../../store/sqlite/index.ts";
import type { Store } from "../../store/store.ts";
import { askPostgres } from "../../testing/postgres-server.testsuite.ts";

/** A database of one test's own. */
export interface EngineDatabase {
	/** A connection as of another process. */
	connect(): Store;
	/** When nothing is connected any more. */
	remove(): Promise<void>;
}

export type CreateDatabase = () => EngineDatabase;

/** A file in a folder of its own. */
export function createSqliteDatabase(): EngineDatabase & { readonly path: string } {
	const folder = mkdtempSync(join(tmpdir(), "darkroom-engine-"));
	const path = join(folder, "darkroom.db");
	return {
		path,
		connect: () => sqlite(path),
		remove: async () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** A schema of its own on a server that is there. */
export function createPostgresDatabase(url: string): EngineDatabase {
	const schema = `engine_${randomBytes(6).toString("hex")}`;
	return {
		connect: () => postgres(url, { schema, maxReaders: 3 }),
		remove: async () => void (await askPostgres(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`)),
	};
}

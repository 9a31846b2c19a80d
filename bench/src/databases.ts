import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "darkroom";
import { sqlite } from "darkroom/sqlite";
import { addFinishedJobs, bytesOf } from "./history-database.ts";
import { benchFolder } from "./machine.ts";

/** A new database for one measurement. */
export interface BenchDatabase {
	/** Another connection to it, as of another process. */
	connect(): Store;
	/** Fills the empty database with finished jobs of earlier days. */
	addFinishedJobs(count: number, owners: number): Promise<void>;
	/** What its tables and indexes take of the disk, in bytes; what no row needs any more is given back before. */
	bytes(): Promise<number>;
	remove(): Promise<void>;
}

export type CreateDatabase = () => BenchDatabase;

export function createSqlite(): BenchDatabase & { readonly path: string } {
	const folder = mkdtempSync(join(benchFolder, "darkroom-bench-"));
	const path = join(folder, "darkroom.db");
	return {
		path,
		connect: () => sqlite(path),
		addFinishedJobs: async (count, owners) => addFinishedJobs(path, count, owners),
		bytes: async () => bytesOf(path),
		remove: async () => rmSync(folder, { recursive: true, force: true }),
	};
}

import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { DarkroomError } from "../../core/errors.ts";

const folder = new URL("./migrations/", import.meta.url);

/**
 * Applies the numbered files that this database has not seen, each in its own transaction together with
 * its number, forward only.
 * @throws `misconfigured` when the database was written by a newer Darkroom.
 */
export function migrate(db: DatabaseSync): void {
	const files = readdirSync(folder)
		.filter((name) => name.endsWith(".sql"))
		.sort();
	if (versionOf(db) === files.length) return;
	for (const [index, file] of files.entries()) {
		const sql = readFileSync(new URL(file, folder), "utf8");
		db.exec("BEGIN IMMEDIATE");
		try {
			// Read under the write lock: another process may have been first.
			if (versionOf(db) === index) db.exec(`${sql}; PRAGMA user_version = ${index + 1}`);
			db.exec("COMMIT");
		} catch (cause) {
			if (db.isTransaction) db.exec("ROLLBACK");
			throw cause;
		}
	}
	const version = versionOf(db);
	if (version > files.length) {
		throw new DarkroomError("misconfigured", {
			detail: `The database has schema ${version}, and this Darkroom knows up to ${files.length}. Use the newer Darkroom that wrote it.`,
		});
	}
}

function versionOf(db: DatabaseSync): number {
	return (db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

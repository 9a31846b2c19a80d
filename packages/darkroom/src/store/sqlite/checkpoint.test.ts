import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LogFields, silentLogger } from "../../core/logger.ts";
import { type Checkpoints, createCheckpoints } from "./checkpoint.ts";

let folder: string;
let logged: { readonly message: string; readonly fields: LogFields }[];
const logger = { ...silentLogger, warn: (fields: LogFields, message: string) => void logged.push({ message, fields }) };
let db: DatabaseSync;
let checkpoints: Checkpoints;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-log-"));
	const path = join(folder, "log.db");
	logged = [];
	db = new DatabaseSync(path);
	// A thousand commits are not to wait for a thousand times the disk.
	db.exec(
		"PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE pictures (bytes BLOB)",
	);
	checkpoints = createCheckpoints(db, path, logger);
});

afterEach(async () => {
	vi.restoreAllMocks();
	await checkpoints.close();
	db.close();
	rmSync(folder, { recursive: true });
});

function write(pages: number): void {
	db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${pages})
	         INSERT INTO pictures SELECT randomblob(4000) FROM n`);
}

/** How often the writer itself was held up to begin the log anew. */
function restarts(): number {
	return vi
		.mocked(StatementSync.prototype.get)
		.mock.contexts.filter((statement) => (statement as unknown as StatementSync).sourceSQL.includes("RESTART")).length;
}

async function commit(): Promise<void> {
	write(1);
	checkpoints.committed();
	await new Promise((resolve) => setImmediate(resolve));
}

test("a log that has grown long is begun anew, once: afterwards it is short again, whatever its file's size", async () => {
	vi.spyOn(StatementSync.prototype, "get");
	write(9_000);
	while (restarts() === 0) await commit();
	for (let i = 0; i < 1_000; i++) await commit();
	expect(restarts()).toBe(1);
});

test("a log that could not be begun anew is told with its cause", async () => {
	write(9_000);
	while (logged.length === 0) {
		// Nobody may begin it anew from within a transaction.
		db.exec("BEGIN");
		await commit();
		db.exec("COMMIT");
	}
	expect(logged[0]).toMatchObject({
		message: "could not shorten the database's log",
		fields: { err: expect.any(Error) },
	});
});

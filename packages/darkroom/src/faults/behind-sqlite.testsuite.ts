import { DatabaseSync } from "node:sqlite";
import type { BehindTheStore } from "./behind-the-store.testsuite.ts";

const patienceMs = 5_000;

/** Reads the file, on a connection for each question. */
export function behindSqlite(path: string): BehindTheStore {
	return {
		async ask<Row>(sql: string): Promise<Row[]> {
			const db = new DatabaseSync(path, { readOnly: true, timeout: patienceMs });
			try {
				return db.prepare(sql).all() as Row[];
			} finally {
				db.close();
			}
		},
		isHeldUp() {
			const db = new DatabaseSync(path, { timeout: 0 });
			try {
				db.exec("BEGIN IMMEDIATE; ROLLBACK");
				return false;
			} catch {
				return true;
			} finally {
				db.close();
			}
		},
		completedSteps:
			"SELECT jobs.id AS job_id, name, steps.finished_at FROM steps JOIN jobs ON jobs.seq = steps.key >> 20 WHERE steps.status = 'completed'",
		jobEntries:
			"SELECT jobs.id AS job_id, entries.type, entries.posted, entries.held FROM entries JOIN jobs ON jobs.seq = entries.job",
		// Nobody takes it away but a full disk, on which not even its index of the log can grow.
		isAway: (error) => error instanceof Error && /disk I\/O|unable to open|is full/.test(error.message),
	};
}

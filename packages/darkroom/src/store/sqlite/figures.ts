import type { DatabaseSync } from "node:sqlite";
import type { Job } from "../../core/job.ts";
import { furthestPosition, type LedgerEntry } from "../store.ts";
import { jobsOf } from "./listing.ts";
import { isStepOf } from "./step-key.ts";

/**
 * Jobs do not end in the order of their ids, so a statement is put in order among this many
 * of the owner's newest paid ones.
 */
const statementAmong = 1_000;
/** How long a kind takes is learnt from the newest jobs, this many of all kinds. */
const durationsAmong = 2_000;

/** Counts, positions and sums: what is asked about jobs without reading them. */
export function createFigures(db: DatabaseSync) {
	const cursor = db.prepare("SELECT value FROM counters WHERE name = 'change'");
	const claimableBefore = db.prepare(
		`SELECT count(*) AS n FROM (SELECT 1 FROM jobs INDEXED BY jobs_claimable WHERE waits_for = 'worker' AND kind = ?1
		   AND (priority > ?2 OR (priority = ?2 AND (run_at < ?3 OR (run_at = ?3 AND id < ?4)))) LIMIT ${furthestPosition})`,
	);
	const backlogBefore = db.prepare(
		`SELECT count(*) AS n FROM (SELECT 1 FROM jobs INDEXED BY jobs_backlog WHERE waits_for = 'owner' AND owner = ?5 AND kind = ?1
		   AND (priority > ?2 OR (priority = ?2 AND (run_at < ?3 OR (run_at = ?3 AND id < ?4)))) LIMIT ${furthestPosition})`,
	);
	const active = db.prepare("SELECT count(*) AS n FROM jobs WHERE owner = ? AND kind = ? AND finished_at IS NULL");
	const durations = db.prepare(
		`SELECT finished_at - started_at AS durationMs, (SELECT count(*) FROM steps WHERE ${isStepOf("recent.seq")}) AS steps
		 FROM (SELECT seq, kind, status, attempt, retried_at, started_at, finished_at FROM jobs ORDER BY seq DESC LIMIT ${durationsAmong}) AS recent
		 WHERE kind = ? AND status = 'completed' AND attempt = 1 AND retried_at IS NULL LIMIT ?`,
	);
	const statement = db.prepare(
		`SELECT * FROM (SELECT entries.*, NULL AS job_id FROM entries INDEXED BY entries_by_owner
		   WHERE owner = ?1 AND job IS NULL AND posted <> 0 ORDER BY id DESC LIMIT ?2)
		 UNION ALL
		 SELECT * FROM (SELECT e.*, mine.id AS job_id FROM ${jobsOf("?1")} AS mine CROSS JOIN jobs USING (id)
		   CROSS JOIN entries e INDEXED BY entries_by_job ON e.job = jobs.seq
		   WHERE e.job IS NOT NULL AND e.posted <> 0 AND e.owner = ?1 ORDER BY mine.id DESC LIMIT MAX(?2, ${statementAmong}))
		 ORDER BY id DESC LIMIT ?2`,
	);

	return {
		cursor: (): number => (cursor.get() as { value: number }).value,
		queuePosition(queued: Job): number | null {
			if (queued.waitsFor === null || queued.waitsFor === "time") return null;
			const rank = [queued.kind, queued.priority, queued.runAt, queued.id] as const;
			const ahead = (claimableBefore.get(...rank) as { n: number }).n;
			if (queued.waitsFor === "worker") return ahead;
			const behind = (backlogBefore.get(...rank, queued.owner) as { n: number }).n;
			return Math.min(furthestPosition, ahead + behind);
		},
		countActive: (viewer: string, kind: string): number => (active.get(viewer, kind) as { n: number }).n,
		durations: (kind: string, limit: number) =>
			durations.all(kind, limit).map((row) => ({ ...row })) as { durationMs: number; steps: number }[],
		entries: (viewer: string, limit: number): LedgerEntry[] =>
			(statement.all(viewer, limit) as unknown as (Omit<LedgerEntry, "jobId" | "createdAt"> & EntryRow)[]).map(
				({ owner, type, posted, held, job_id, created_at }) => ({
					owner,
					type,
					posted,
					held,
					jobId: job_id,
					createdAt: created_at,
				}),
			),
	};
}

interface EntryRow {
	job_id: string | null;
	created_at: number;
}

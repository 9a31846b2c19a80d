import type { DatabaseSync } from "node:sqlite";
import type { Job, JobWithSteps, Step } from "../../core/job.ts";
import { isFinal } from "../../core/status.ts";
import type { JobQuery, Lease, LedgerEntry } from "../store.ts";
import { leaseLost } from "./endings.ts";
import { noJob } from "./owners.ts";
import { type JobRow, type StepRow, toJobWithSteps, toStep } from "./rows.ts";

/** No position further back than this is counted out. */
const furthestPosition = 1_000;

/** What is asked, never changed. Every query for a person names the viewer in its WHERE. */
export function createReads(db: DatabaseSync) {
	const job = db.prepare("SELECT * FROM jobs WHERE id = ? AND owner = ?");
	const steps = db.prepare("SELECT * FROM steps WHERE job_id = ? ORDER BY position");
	const byLease = db.prepare("SELECT 1 FROM jobs WHERE id = ? AND lease_token = ?");
	// Only an active job's steps can be newer than its row: ending it takes a later change number than any of them.
	const changed = db.prepare(
		`SELECT id FROM (
		   SELECT id, CASE WHEN finished_at IS NOT NULL THEN change
		     ELSE MAX(change, COALESCE((SELECT MAX(s.change) FROM steps s WHERE s.job_id = jobs.id), 0)) END AS latest
		   FROM jobs WHERE owner = ?
		 ) WHERE latest > ? ORDER BY latest LIMIT ?`,
	);
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
		`SELECT finished_at - started_at AS durationMs, (SELECT count(*) FROM steps WHERE job_id = jobs.id) AS steps
		 FROM jobs INDEXED BY jobs_completed WHERE status = 'completed' AND kind = ? ORDER BY change DESC LIMIT ?`,
	);
	const statement = db.prepare(
		`SELECT owner, type, posted, held, job_id, created_at FROM entries INDEXED BY entries_statement
		 WHERE owner = ? AND posted <> 0 ORDER BY id DESC LIMIT ?`,
	);
	const lists = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

	function withSteps(row: JobRow): JobWithSteps {
		return toJobWithSteps(row, steps.all(row.id) as unknown as StepRow[]);
	}

	function listStatement(query: JobQuery) {
		const where = ["owner = :viewer"];
		if (query.before !== undefined) where.push("id < :before");
		if (query.kind !== undefined) where.push("kind = :kind");
		if (query.subject !== undefined) where.push("subject = :subject");
		if (query.status !== undefined) where.push("status IN (SELECT value FROM json_each(:status))");
		if (query.status?.length && !query.status.some(isFinal)) where.push("finished_at IS NULL");
		const sql = `SELECT * FROM jobs WHERE ${where.join(" AND ")} ORDER BY id DESC LIMIT :limit`;
		const prepared = lists.get(sql) ?? db.prepare(sql);
		lists.set(sql, prepared);
		return prepared;
	}

	return {
		job(viewer: string, jobId: string): JobWithSteps {
			const row = job.get(jobId, viewer) as JobRow | undefined;
			if (!row) throw noJob(jobId);
			return withSteps(row);
		},
		jobs(viewer: string, jobIds: readonly string[]): JobWithSteps[] {
			const rows = jobIds.map((id) => job.get(id, viewer) as JobRow | undefined).filter((row) => row !== undefined);
			return rows.map(withSteps).sort((a, b) => a.job.change - b.job.change);
		},
		list(query: JobQuery): JobWithSteps[] {
			const { status, limit, ...given } = query;
			const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
			const bound = { ...values, limit, ...(status ? { status: JSON.stringify(status) } : {}) };
			return (listStatement(query).all(bound) as unknown as JobRow[]).map(withSteps);
		},
		changes(viewer: string, change: number, limit: number): JobWithSteps[] {
			const ids = changed.all(viewer, change, limit) as { id: string }[];
			return ids.map(({ id }) => withSteps(job.get(id, viewer) as unknown as JobRow));
		},
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
		stepsOf(lease: Lease): Step[] {
			if (byLease.get(lease.jobId, lease.leaseToken) === undefined) throw leaseLost(lease.jobId);
			return (steps.all(lease.jobId) as unknown as StepRow[]).map(toStep);
		},
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

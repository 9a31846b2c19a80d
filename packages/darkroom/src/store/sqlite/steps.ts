import type { DatabaseSync } from "node:sqlite";
import type { StepStatus } from "../../core/status.ts";
import type { ProgressReport, StepCompletion, StepFailure, StepStart } from "../store.ts";
import { leaseLost } from "./endings.ts";
import type { Turn } from "./turn.ts";

/**
 * What a worker writes while it holds the lease. The fence is in each statement: it writes where the token
 * is still the job's, or nothing.
 */
export function createSteps(db: DatabaseSync, turn: Turn) {
	// A completed step is never written again, whoever asks.
	const upsert = db.prepare(
		`INSERT INTO steps (job_id, name, position, status, attempts, output, error, preview, started_at, finished_at, change)
		 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND lease_token = ?12)
		 ON CONFLICT (job_id, name) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
		   output = excluded.output, error = excluded.error, preview = COALESCE(excluded.preview, preview),
		   finished_at = excluded.finished_at, change = excluded.change
		 WHERE status <> 'completed'`,
	);
	const keepAsset = db.prepare("UPDATE assets SET kept_at = ? WHERE id = ? AND owner = ? AND kept_at IS NULL");
	const report = db.prepare(
		`UPDATE jobs SET progress = CASE WHEN ?1 IS NULL THEN progress ELSE MAX(COALESCE(progress, 0), ?1) END,
		   message = COALESCE(?2, message), change = ?3 WHERE id = ?4 AND lease_token = ?5`,
	);

	function write(s: StepStart, status: StepStatus, { output, error, preview, startedAt, finishedAt }: Written): void {
		const { jobId, name, position, attempts, leaseToken, owner, kind } = s;
		const change = turn.nextChange();
		const values = [output, error, preview, startedAt, finishedAt, change, leaseToken] as const;
		if (upsert.run(jobId, name, position, status, attempts, ...values).changes === 0) throw leaseLost(jobId);
		turn.note({ owner, jobId, change, kind, status: "running" });
	}

	return {
		start(s: StepStart): void {
			write(s, "running", { output: null, error: null, preview: null, startedAt: s.now, finishedAt: null });
		},
		complete(s: StepCompletion): void {
			const { output, preview, startedAt, now: finishedAt } = s;
			write(s, "completed", { output, error: null, preview, startedAt, finishedAt });
			for (const asset of s.keeps) keepAsset.run(s.now, asset, s.owner);
		},
		fail(s: StepFailure): void {
			const error = JSON.stringify(s.error);
			write(s, "failed", { output: null, error, preview: null, startedAt: s.startedAt, finishedAt: s.now });
		},
		report({ jobId, leaseToken, owner, kind, progress, message }: ProgressReport): void {
			const change = turn.nextChange();
			if (report.run(progress, message, change, jobId, leaseToken).changes === 0) throw leaseLost(jobId);
			turn.note({ owner, jobId, change, kind, status: "running" });
		},
	};
}

interface Written {
	readonly output: string | null;
	readonly error: string | null;
	readonly preview: string | null;
	readonly startedAt: number;
	readonly finishedAt: number | null;
}

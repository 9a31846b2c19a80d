import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StepStatus } from "../../core/status.ts";
import type { ProgressReport, StepCompletion, StepFailure, StepStart } from "../store.ts";
import { type Leases, leaseLost } from "./leases.ts";
import type { Turn } from "./turn.ts";

/** What a worker writes while it holds the lease: the fence is asked first, in the same transaction. */
export function createSteps(db: DatabaseSync, turn: Turn, leases: Leases) {
	// A completed step is never written again, whoever asks.
	const upsert = (status: StepStatus) =>
		db.prepare(
			`INSERT INTO steps (job_id, name, position, attempts, started_at, change, output, error, preview, finished_at, status)
			 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '${status}')
			 ON CONFLICT (job_id, name) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
			   output = excluded.output, error = excluded.error, preview = COALESCE(excluded.preview, preview),
			   finished_at = excluded.finished_at, change = excluded.change
			 WHERE status <> 'completed'`,
		);
	const start = upsert("running");
	const complete = upsert("completed");
	const fail = upsert("failed");
	const keepAsset = db.prepare("UPDATE assets SET kept_at = ? WHERE id = ? AND owner = ? AND kept_at IS NULL");
	const report = db.prepare(
		`UPDATE jobs SET progress = CASE WHEN ?1 IS NULL THEN progress ELSE MAX(COALESCE(progress, 0), ?1) END,
		   message = COALESCE(?2, message), change = ?3 WHERE id = ?4`,
	);

	function write(statement: StatementSync, s: StepStart, startedAt: number, result: Result): void {
		const { owner, kind } = leases.require(s.jobId, s.leaseToken);
		const change = turn.nextChange();
		const { changes } = statement.run(
			s.jobId,
			s.name,
			s.position,
			s.attempts,
			startedAt,
			change,
			result.output,
			result.error,
			result.preview,
			result.finishedAt,
		);
		if (changes === 0) throw leaseLost(s.jobId);
		turn.note({ owner, jobId: s.jobId, change, kind, status: "running" });
	}

	return {
		start(s: StepStart): void {
			write(start, s, s.now, { output: null, error: null, preview: s.preview, finishedAt: null });
		},
		complete(s: StepCompletion): void {
			write(complete, s, s.startedAt, { output: s.output, error: null, preview: s.preview, finishedAt: s.now });
			for (const asset of s.keeps) keepAsset.run(s.now, asset, s.owner);
		},
		fail(s: StepFailure): void {
			const error = JSON.stringify(s.error);
			write(fail, s, s.startedAt, { output: null, error, preview: null, finishedAt: s.now });
		},
		report({ jobId, leaseToken, progress, message }: ProgressReport): void {
			const { owner, kind } = leases.require(jobId, leaseToken);
			const change = turn.nextChange();
			report.run(progress, message, change, jobId);
			turn.note({ owner, jobId, change, kind, status: "running" });
		},
	};
}

interface Result {
	readonly output: string | null;
	readonly error: string | null;
	readonly preview: string | null;
	readonly finishedAt: number | null;
}

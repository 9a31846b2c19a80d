import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StepStatus } from "../../core/status.ts";
import { leaseLost } from "../refusals.ts";
import {
	PlaceTakenError,
	type ProgressReport,
	type StepCompletion,
	type StepFailure,
	type StepStart,
} from "../store.ts";
import type { Leases } from "./leases.ts";
import { requirePlace, stepKey } from "./step-key.ts";
import type { Turn } from "./turn.ts";

/** What a worker writes while it holds the lease: the fence is asked first, in the same transaction. */
export function createSteps(db: DatabaseSync, turn: Turn, leases: Leases) {
	// A completed step is never written over, whoever asks; nor is one by another that was given its place.
	const upsert = (status: StepStatus) =>
		db.prepare(
			`INSERT INTO steps (key, name, attempts, started_at, change, output, error, preview, finished_at, status)
			 VALUES (${stepKey("?", "?")}, ?, ?, ?, ?, ?, ?, ?, ?, '${status}')
			 ON CONFLICT (key) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
			   output = excluded.output, error = excluded.error, preview = COALESCE(excluded.preview, preview),
			   started_at = excluded.started_at, finished_at = excluded.finished_at, change = excluded.change
			 WHERE name = excluded.name AND (status <> 'completed' OR (excluded.status = 'completed' AND output = excluded.output
			   AND attempts = excluded.attempts AND finished_at = excluded.finished_at))`,
		);
	const nameAt = db.prepare(`SELECT name FROM steps WHERE key = ${stepKey("?1", "?2")}`);
	const start = upsert("running");
	const complete = upsert("completed");
	const fail = upsert("failed");
	const keepAsset = db.prepare("UPDATE assets SET kept_at = ? WHERE id = ? AND owner = ? AND kept_at IS NULL");
	const report = db.prepare(
		`UPDATE jobs SET progress = CASE WHEN ?1 IS NULL THEN progress ELSE MAX(COALESCE(progress, 0), ?1) END,
		   message = COALESCE(?2, message), change = ?3 WHERE seq = ?4`,
	);

	/**
	 * `output`, `error` and `preview` are of the row; one by one, since an object of them would be made for every step.
	 * The result is whose job it is.
	 */
	function write(
		statement: StatementSync,
		s: StepStart,
		startedAt: number,
		output: string | null,
		error: string | null,
		preview: string | null,
		finishedAt: number | null,
	): string {
		const { seq, owner, kind } = leases.require(s.jobId, s.leaseToken);
		requirePlace(s.position);
		const change = turn.nextChange();
		const { changes } = statement.run(
			seq,
			s.position,
			s.name,
			s.attempts,
			startedAt,
			change,
			output,
			error,
			preview,
			finishedAt,
		);
		if (changes === 0) throw refusalOf(seq, s);
		turn.note({ owner, jobId: s.jobId, change, kind, status: "running" });
		return owner;
	}

	/** A place that another step has is a fault of the caller: it ends the write, and the turn's others are tried alone. */
	function refusalOf(seq: number, { jobId, name, position }: StepStart): Error {
		const there = nameAt.get(seq, position) as { name: string };
		if (there.name === name) return leaseLost(jobId);
		return new PlaceTakenError(`Step "${name}" of job ${jobId} was given the place of step "${there.name}".`);
	}

	return {
		start(s: StepStart): void {
			write(start, s, s.now, null, null, s.preview, null);
		},
		complete(s: StepCompletion): void {
			const owner = write(complete, s, s.startedAt, s.output, null, s.preview, s.now);
			for (const asset of s.keeps) keepAsset.run(s.now, asset, owner);
		},
		fail(s: StepFailure): void {
			write(fail, s, s.startedAt, null, JSON.stringify(s.error), null, s.now);
		},
		report({ jobId, leaseToken, progress, message }: ProgressReport): void {
			const { seq, owner, kind } = leases.require(jobId, leaseToken);
			const change = turn.nextChange();
			report.run(progress, message, change, seq);
			turn.note({ owner, jobId, change, kind, status: "running" });
		},
	};
}

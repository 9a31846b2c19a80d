import type { Failure } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import { timedOutFailure, workerLostFailure } from "../refusals.ts";
import { toJob } from "../rows.ts";
import type { Sweep, Swept } from "../store.ts";
import type { Parts } from "./parts.ts";
import type { KeyedJob } from "./rows.ts";
import { prefixOf, type WorkerLocks } from "./worker-locks.ts";

/** A sweep that also knows which workers may be gone. */
export interface LocalSweep extends Sweep {
	/** Their lock was free when it was looked at. */
	readonly unlocked: readonly string[];
}

/**
 * The net below every job: whatever dies, each active row has a time at which it is looked at again.
 *
 *     past its deadline          → failed, `timed_out`, everything released
 *     lease expired              → queued again with its place; failed, `worker_lost`, after too many
 *     worker seen to be gone     → its leases end now, so the same
 *     waits for a time that came → waits for a worker, or for its owner's next place
 *
 * One transition of at most `limit` rows, by the index on `due_at`; any number of sweepers may run it.
 */
export function createSweep(
	{ db, turn, leases, listing, places, endings }: Parts,
	workers: Pick<WorkerLocks, "isUnlocked">,
) {
	const due = db.prepare(
		"SELECT * FROM jobs INDEXED BY jobs_due WHERE finished_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?",
	);
	// Through all active jobs, for each worker that dies: for an index by token every claim would pay.
	const endLeases = db.prepare(
		`UPDATE jobs INDEXED BY jobs_due SET lease_expires_at = MIN(lease_expires_at, ?1), due_at = MIN(due_at, ?1)
		 WHERE finished_at IS NULL AND substr(lease_token, 1, length(?2)) = ?2`,
	);
	const bySeq = db.prepare("SELECT * FROM jobs WHERE seq = ?");
	const wake = db.prepare("UPDATE jobs SET waits_for = ?, due_at = deadline_at, change = ? WHERE seq = ?");
	const takeBack = db.prepare(
		`UPDATE jobs SET status = 'queued', waits_for = 'worker', run_at = ?, lease_token = NULL, lease_expires_at = NULL,
		   due_at = deadline_at, change = ? WHERE seq = ?`,
	);
	// What this sweep has handled is due later by now, or ended; what its limit left over is due at once.
	const nextTime = db.prepare("SELECT MIN(due_at) AS at FROM jobs INDEXED BY jobs_due WHERE finished_at IS NULL");

	function queued(row: KeyedJob, change: number, claimable: boolean, revokedLeaseToken: string | null): void {
		turn.note({
			owner: row.owner,
			jobId: row.id,
			change,
			kind: row.kind,
			status: "queued",
			revokedLeaseToken,
			claimable,
		});
	}

	return ({ now, limit, unlocked }: LocalSweep): Swept => {
		for (const worker of unlocked) {
			// Looked at again: every lease that is committed by now was given out under its holder's lock.
			if (workers.isUnlocked(worker)) endLeases.run(now, prefixOf(worker));
		}
		const ended: Job[] = [];
		let returned = 0;
		let woken = 0;
		const end = (row: KeyedJob, failure: Failure) => {
			endings.end(row, "failed", failure, now);
			ended.push(toJob(bySeq.get(row.seq) as unknown as KeyedJob));
		};
		for (const row of due.all(now, limit) as unknown as KeyedJob[]) {
			if (row.deadline_at <= now) {
				const hasOnlyWaited = row.started_at === null;
				end(row, timedOutFailure(hasOnlyWaited, hasOnlyWaited ? row.queue_timeout_ms : row.timeout_ms));
			} else if (row.status === "running") {
				if (row.attempt >= row.max_attempts) {
					end(row, workerLostFailure(row.attempt));
					continue;
				}
				const change = turn.nextChange();
				takeBack.run(now, change, row.seq);
				leases.forget(row.lease_token);
				queued(row, change, true, row.lease_token);
				returned++;
			} else {
				const waitsFor = places.whatFor(row.owner, row.kind, row.running_per_owner, row.run_at, now);
				const change = turn.nextChange();
				wake.run(waitsFor, change, row.seq);
				queued(row, change, waitsFor === "worker", null);
				woken++;
			}
		}
		listing.listAll();
		const next = nextTime.get() as { at: number | null };
		return { ended, returned, woken, nextDueAt: next.at };
	};
}

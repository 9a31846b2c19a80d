import type { DatabaseSync } from "node:sqlite";
import type { Job } from "../../core/job.ts";
import type { Submission } from "../store.ts";

/** Writes the row of a new job. */
export function createInsertJob(db: DatabaseSync) {
	const insert = db.prepare(
		`INSERT INTO jobs (seq, id, kind, owner, subject, idempotency_key, status, waits_for, priority, run_at, input, price, held,
		   charged, charge, running_per_owner, queue_timeout_ms, timeout_ms, attempt, claims, max_attempts, lease_token,
		   lease_expires_at, deadline_at, due_at, change, created_at, started_at, expected_steps)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	return (job: Job, s: Submission): void => {
		// `get`, like all that is written for every job and has nothing to tell: `run` would count the changes into an object.
		insert.get(
			// A new job's change is the one that makes it.
			job.change,
			job.id,
			job.kind,
			job.owner,
			job.subject,
			job.idempotencyKey,
			job.status,
			job.waitsFor,
			job.priority,
			job.runAt,
			s.input,
			job.price,
			job.held,
			job.charged,
			job.charge,
			job.runningPerOwner,
			s.queueTimeoutMs,
			job.timeoutMs,
			job.attempt,
			job.attempt,
			job.maxAttempts,
			job.leaseToken,
			job.leaseExpiresAt,
			job.deadlineAt,
			dueAt(job),
			job.change,
			job.createdAt,
			job.startedAt,
			job.expectedSteps,
		);
	};
}

/** When the sweeper must look at it first. */
function dueAt(job: Job): number {
	if (job.leaseExpiresAt !== null) return Math.min(job.leaseExpiresAt, job.deadlineAt);
	return job.waitsFor === "time" ? Math.min(job.runAt, job.deadlineAt) : job.deadlineAt;
}

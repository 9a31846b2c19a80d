import type { JobWithSteps } from "../../core/job.ts";
import { isActive, nextStatus } from "../../core/status.ts";
import { wholeCredits } from "../../credits/settlement.ts";
import { cancelledFailure, cannotDelete, cannotRetry, noJob, nothingToClear } from "../refusals.ts";
import { type StepRow, toJobWithSteps } from "../rows.ts";
import type { OwnersRequest, Submission } from "../store.ts";
import type { Parts } from "./parts.ts";
import { type KeyedJob, stepsOfJob } from "./rows.ts";
import { isStepOf } from "./step-key.ts";

/** What an owner may do with a job of theirs; to anyone else it does not exist. */
export function createOwnersRequests({ db, turn, listing, ledger, places, endings }: Parts) {
	const find = db.prepare("SELECT * FROM jobs WHERE id = ? AND owner = ?");
	const findSubject = db.prepare("SELECT * FROM jobs WHERE owner = ? AND subject = ? AND finished_at IS NULL");
	const steps = db.prepare(stepsOfJob);
	// Whatever runs it had belong to an earlier life.
	const requeue = db.prepare(
		`UPDATE jobs SET status = 'queued', waits_for = ?1, run_at = ?2, held = ?3, attempt = 0, started_at = NULL, finished_at = NULL,
		   error = NULL, progress = NULL, message = NULL, deadline_at = ?2 + queue_timeout_ms, due_at = ?2 + queue_timeout_ms,
		   retried_at = ?2, sent_change = NULL, sends = NULL, send_at = NULL, change = ?4 WHERE seq = ?5`,
	);
	// What failed before is tried afresh; only what is complete is kept.
	const forgetFailures = db.prepare(`DELETE FROM steps WHERE ${isStepOf("?1")} AND status <> 'completed'`);
	const forgetJob = db.prepare("UPDATE entries SET job = NULL WHERE job = ? AND posted <> 0");
	const removeSteps = db.prepare(`DELETE FROM steps WHERE ${isStepOf("?1")}`);
	const removeJob = db.prepare("DELETE FROM jobs WHERE seq = ?");

	function require(viewer: string, jobId: string): KeyedJob {
		const row = find.get(jobId, viewer) as KeyedJob | undefined;
		if (!row) throw noJob(jobId);
		return row;
	}

	function read(viewer: string, jobId: string): JobWithSteps {
		return withSteps(require(viewer, jobId));
	}

	function withSteps(row: KeyedJob): JobWithSteps {
		return toJobWithSteps(row, steps.all(row.seq) as unknown as StepRow[]);
	}

	return {
		cancel({ viewer, jobId, now, due = 0 }: OwnersRequest & { readonly due?: number }): JobWithSteps {
			const row = require(viewer, jobId);
			if (isActive(row.status)) endings.end(row, "cancelled", cancelledFailure(wholeCredits(due)), now, due);
			return read(viewer, jobId);
		},
		clear({ viewer, subject, now }: { viewer: string; subject: string; now: number }): JobWithSteps {
			const row = findSubject.get(viewer, subject) as KeyedJob | undefined;
			if (!row) {
				throw nothingToClear();
			}
			endings.clear(row, now);
			return read(viewer, row.id);
		},
		retry({ viewer, jobId, now, activePerOwner }: OwnersRequest & Pick<Submission, "activePerOwner">): JobWithSteps {
			const row = require(viewer, jobId);
			if (nextStatus(row.status, "retry") === undefined) {
				throw cannotRetry(row.status);
			}
			if (row.subject !== null) places.requireFreeSubject(viewer, row.subject, null, now);
			if (activePerOwner !== null) places.requireRoom(viewer, row.kind, activePerOwner);
			const hold = row.price - row.charged;
			ledger.hold(viewer, hold, row.seq, now);
			const waitsFor = places.whatFor(viewer, row.kind, row.running_per_owner, now, now);
			const change = turn.nextChange();
			forgetFailures.run(row.seq);
			requeue.run(waitsFor, now, hold, change, row.seq);
			const claimable = waitsFor === "worker";
			turn.note({ owner: viewer, jobId, change, kind: row.kind, status: "queued", claimable });
			return read(viewer, jobId);
		},
		remove({ viewer, jobId }: OwnersRequest): JobWithSteps {
			const row = require(viewer, jobId);
			const removed = withSteps(row);
			if (isActive(removed.job.status)) {
				throw cannotDelete(removed.job.status);
			}
			// The ledger keeps what it cost, under the owner alone.
			forgetJob.run(row.seq);
			removeSteps.run(row.seq);
			removeJob.run(row.seq);
			listing.remove(viewer, jobId);
			const { kind, status } = removed.job;
			turn.note({ owner: viewer, jobId, change: turn.nextChange(), kind, status });
			return removed;
		},
	};
}

import type { Job, JobWithSteps } from "../../core/job.ts";
import { isFinal } from "../../core/status.ts";
import { wholeCredits } from "../../credits/settlement.ts";
import { cancelledFailure } from "../refusals.ts";
import { type StepRow, toJob, toJobWithSteps } from "../rows.ts";
import { isOfRun } from "../runs.ts";
import type { Begun, Run, RunBegin, RunEnd } from "../store.ts";
import type { Parts } from "./parts.ts";
import { type KeyedJob, stepsOfJob } from "./rows.ts";
import type { TakeJob } from "./take.ts";

/**
 * A job in the hands of a service's run, which is known by the change for which its event was sent:
 *
 *     worker (change n) ──begin n──► running ──release──► time (sent for n) ──begin n──► running
 *        ▲                              │                     │      └── no running place ──► owner
 *        └───── change n + m ◄── swept ─┴─────────────────────┘
 *
 * Whatever makes it wait for a worker anew takes another change, so a run of an earlier wait finds nothing to do.
 */
export function createRuns({ db, turn, places, endings }: Parts, takeJob: TakeJob) {
	const find = db.prepare("SELECT * FROM jobs WHERE id = ?");
	const steps = db.prepare(stepsOfJob);
	const extend = db.prepare(
		`UPDATE jobs SET lease_expires_at = MAX(lease_expires_at, ?1), due_at = MIN(MAX(lease_expires_at, ?1), deadline_at)
		 WHERE seq = ?2 RETURNING *`,
	);
	const wake = db.prepare(
		"UPDATE jobs SET waits_for = ?1, run_at = MIN(run_at, ?2), due_at = deadline_at, change = ?3 WHERE seq = ?4",
	);
	const renew = db.prepare("UPDATE jobs SET change = ? WHERE seq = ?");

	function row(jobId: string): KeyedJob | undefined {
		return find.get(jobId) as KeyedJob | undefined;
	}

	function withSteps(job: KeyedJob): JobWithSteps {
		return toJobWithSteps(job, steps.all(job.seq) as unknown as StepRow[]);
	}

	/** Of a job that waits for its time or its owner. False where it goes on waiting. */
	function mayWake(job: KeyedJob, { dispatch, now }: RunBegin): boolean {
		if (dispatch === null || job.waits_for !== "time" || job.sent_change !== dispatch) return false;
		const isFree = places.isFree(job.owner, job.kind, job.running_per_owner);
		const change = isFree ? job.change : turn.nextChange();
		wake.run(isFree ? "worker" : "owner", now, change, job.seq);
		if (!isFree) turn.note({ owner: job.owner, jobId: job.id, change, kind: job.kind, status: "queued" });
		return isFree;
	}

	return {
		begin(begin: RunBegin): Begun {
			const { jobId, leaseToken, dispatch, leaseExpiresAt, now } = begin;
			const job = row(jobId);
			if (!job) return { claimed: null, reason: "unknown" };
			if (isFinal(job.status)) return { claimed: null, reason: "final" };
			if (job.lease_token !== null) {
				if (job.lease_token !== leaseToken) return { claimed: null, reason: "held" };
				const extended = extend.get(leaseExpiresAt, job.seq) as unknown as KeyedJob;
				return { claimed: withSteps(extended), isResumed: true };
			}
			if (job.waits_for === "worker") {
				if (dispatch !== null && dispatch !== job.change) return { claimed: null, reason: "superseded" };
			} else if (!mayWake(job, begin)) return { claimed: null, reason: "waits" };
			return { claimed: takeJob(job.seq, leaseToken, leaseExpiresAt, now), isResumed: false };
		},
		read(run: Run): JobWithSteps | null {
			const job = row(run.jobId);
			return job && isOfRun(job, run) ? withSteps(job) : null;
		},
		end(end: RunEnd): Job | null {
			const { jobId, as, due, now } = end;
			const job = row(jobId);
			if (!job || !isOfRun(job, end)) return null;
			if (as === "cancelled") endings.end(job, as, cancelledFailure(wholeCredits(due)), now, due);
			else if (job.waits_for !== "worker") endings.end(job, "failed", as, now, due);
			else {
				const change = turn.nextChange();
				renew.run(change, job.seq);
				turn.note({ owner: job.owner, jobId, change, kind: job.kind, status: "queued", claimable: true });
				return null;
			}
			return toJob(row(jobId) as KeyedJob);
		},
	};
}

import { settleStart } from "../../credits/settlement.ts";
import { type StepRow, toJob, toStep } from "../rows.ts";
import type { Claimed } from "../store.ts";
import type { Parts } from "./parts.ts";
import { type KeyedJob, stepsOfJob } from "./rows.ts";

/** Gives a queued job to a worker or a run: an attempt, with its lease, its deadline and, where it pays on start, its charge. */
export type TakeJob = (seq: number, leaseToken: string, leaseExpiresAt: number, now: number) => Claimed;

export function createTakeJob({ db, turn, leases, ledger }: Parts): TakeJob {
	const take = db.prepare(
		`UPDATE jobs SET status = 'running', waits_for = NULL, attempt = attempt + 1, claims = claims + 1, lease_token = ?1, lease_expires_at = ?2,
		   deadline_at = CASE WHEN started_at IS NULL THEN ?3 + timeout_ms ELSE deadline_at END,
		   due_at = MIN(?2, CASE WHEN started_at IS NULL THEN ?3 + timeout_ms ELSE deadline_at END),
		   started_at = COALESCE(started_at, ?3), change = ?4
		 WHERE seq = ?5 RETURNING *`,
	);
	const charge = db.prepare("UPDATE jobs SET held = ?, charged = ? WHERE seq = ?");
	const steps = db.prepare(stepsOfJob);

	return (seq, leaseToken, leaseExpiresAt, now) => {
		const change = turn.nextChange();
		const row = take.get(leaseToken, leaseExpiresAt, now, change, seq) as unknown as KeyedJob;
		const start = settleStart(row);
		if (start.entries.length > 0) {
			ledger.post(row.owner, start.entries, seq, now);
			charge.run(start.held, start.charged, seq);
		}
		turn.note({ owner: row.owner, jobId: row.id, change, kind: row.kind, status: "running" });
		const job = { ...toJob(row), held: start.held, charged: start.charged };
		leases.keep({ ...row, held: start.held, charged: start.charged });
		return { job, steps: row.claims === 1 ? [] : (steps.all(seq) as unknown as StepRow[]).map(toStep) };
	};
}

import type { DatabaseSync } from "node:sqlite";
import type { Failure } from "../../core/errors.ts";
import { isActive } from "../../core/status.ts";
import { settleEnd } from "../../credits/settlement.ts";
import { clearedFailure } from "../refusals.ts";
import type { Completion, JobFailure } from "../store.ts";
import type { HeldJob, Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Places } from "./places.ts";
import type { Turn } from "./turn.ts";

/**
 * Every way into a final status, through one function: status, settlement of the hold, change number and
 * the owner's place move in the same transition, so a hold cannot be resolved twice, nor be left open.
 */
export interface Endings {
	complete(completion: Completion): void;
	fail(failure: JobFailure): void;
	/** By the owner's wish, the sweeper or a newer submit: nobody's lease is asked. */
	end(row: HeldJob, status: "failed" | "cancelled", failure: Failure, now: number, due?: number): void;
	clear(row: HeldJob, now: number): void;
}

/** What endings are built from. They are themselves one of the `Parts` that other transitions take. */
export interface EndingParts {
	readonly db: DatabaseSync;
	readonly turn: Turn;
	readonly leases: Leases;
	readonly ledger: Ledger;
	readonly places: Places;
}

export function createEndings({ db, turn, leases, ledger, places }: EndingParts): Endings {
	const finish = db.prepare(
		`UPDATE jobs SET status = ?, waits_for = NULL, output = ?, error = ?, held = ?, charged = ?, lease_token = NULL,
		   lease_expires_at = NULL, change = ?, finished_at = ? WHERE seq = ?`,
	);

	function settle(
		row: HeldJob,
		status: "completed" | "failed" | "cancelled",
		due: number,
		output: string | null,
		error: Failure | null,
		now: number,
		revokes: boolean,
	): void {
		if (!isActive(row.status)) throw new Error(`Job ${row.id} is ${row.status} and cannot end again.`);
		const settlement = settleEnd(row, due);
		const change = turn.nextChange();
		finish.get(
			status,
			output,
			error === null ? null : JSON.stringify(error),
			settlement.held,
			settlement.charged,
			change,
			now,
			row.seq,
		);
		leases.forget(row.lease_token);
		ledger.post(row.owner, settlement.entries, row.seq, now);
		places.passOn(row.owner, row.kind, row.running_per_owner);
		const revokedLeaseToken = revokes ? row.lease_token : null;
		turn.note({ owner: row.owner, jobId: row.id, change, kind: row.kind, status, hasEnded: true, revokedLeaseToken });
	}

	return {
		complete({ jobId, leaseToken, output, due, now }) {
			settle(leases.require(jobId, leaseToken), "completed", due, output, null, now, false);
		},
		fail({ jobId, leaseToken, error, due, now }) {
			settle(leases.require(jobId, leaseToken), "failed", due, null, error, now, false);
		},
		end: (row, status, failure, now, due = 0) => settle(row, status, due, null, failure, now, true),
		clear: (row, now) => settle(row, "failed", 0, null, clearedFailure, now, true),
	};
}

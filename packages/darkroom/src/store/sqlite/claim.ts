import { leaseLost } from "../refusals.ts";
import type { Claim, Claimed, Lease, Release } from "../store.ts";
import type { Parts } from "./parts.ts";
import type { TakeJob } from "./take.ts";

interface Head {
	seq: number;
	id: string;
	priority: number;
	run_at: number;
}

/** What a worker may take, keep and give back. */
export function createClaims({ db, turn, leases, places }: Parts, takeJob: TakeJob) {
	const heads = db.prepare(
		`SELECT seq, id, priority, run_at FROM jobs INDEXED BY jobs_claimable
		 WHERE waits_for = 'worker' AND kind = ? ORDER BY priority DESC, run_at, id LIMIT ?`,
	);
	const extend = db.prepare(
		`UPDATE jobs SET lease_expires_at = MAX(lease_expires_at, ?1), due_at = MIN(MAX(lease_expires_at, ?1), deadline_at)
		 WHERE id IN (SELECT value ->> 0 FROM json_each(?2))
		   AND lease_token IN (SELECT value ->> 1 FROM json_each(?2))
		 RETURNING lease_token`,
	);
	const giveBack = db.prepare(
		`UPDATE jobs SET status = 'queued', waits_for = ?1, run_at = ?2, attempt = attempt - 1, lease_token = NULL,
		   lease_expires_at = NULL, due_at = CASE WHEN ?1 = 'time' THEN MIN(?2, deadline_at) ELSE deadline_at END, change = ?3
		 WHERE id = ?4 AND lease_token = ?5 RETURNING owner, kind, running_per_owner`,
	);

	return {
		claim(claim: Claim): Claimed[] {
			const next: Head[] = [];
			for (const kind of claim.kinds) next.push(...(heads.all(kind, claim.limit) as unknown as Head[]));
			if (claim.kinds.length > 1) next.sort(before);
			return next
				.slice(0, claim.limit)
				.map(({ seq }) => takeJob(seq, claim.newLeaseToken(), claim.leaseExpiresAt, claim.now));
		},
		extend({ leases, leaseExpiresAt }: { leases: readonly Lease[]; leaseExpiresAt: number }): string[] {
			const pairs = leases.map((lease) => [lease.jobId, lease.leaseToken]);
			const rows = extend.all(leaseExpiresAt, JSON.stringify(pairs)) as { lease_token: string }[];
			const kept = new Set(rows.map((row) => row.lease_token));
			return leases.map((lease) => lease.leaseToken).filter((token) => !kept.has(token));
		},
		release({ jobId, leaseToken, runAt, now }: Release): void {
			const waitsFor = runAt > now ? "time" : "worker";
			const change = turn.nextChange();
			const row = giveBack.get(waitsFor, runAt, change, jobId, leaseToken) as
				| { owner: string; kind: string; running_per_owner: number | null }
				| undefined;
			if (!row) throw leaseLost(jobId);
			leases.forget(leaseToken);
			// A job that sleeps gives up its place; one that goes straight back keeps it.
			if (waitsFor === "time") places.passOn(row.owner, row.kind, row.running_per_owner);
			turn.note({
				owner: row.owner,
				jobId,
				change,
				kind: row.kind,
				status: "queued",
				claimable: waitsFor === "worker",
			});
		},
	};
}

function before(a: Head, b: Head): number {
	return b.priority - a.priority || a.run_at - b.run_at || (a.id < b.id ? -1 : 1);
}

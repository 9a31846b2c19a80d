import type { Job } from "../../core/job.ts";
import { settleStart } from "../../credits/settlement.ts";
import { newJob } from "../new-job.ts";
import { mismatch, noAsset } from "../refusals.ts";
import { toJob } from "../rows.ts";
import type { Submission, Submitted } from "../store.ts";
import { createInsertJob } from "./insert-job.ts";
import type { HeldJob } from "./leases.ts";
import type { Parts } from "./parts.ts";
import type { KeyedJob } from "./rows.ts";

/**
 * Admission. Inside one transition, and every check before the first write, so that a refusal leaves nothing:
 * key → assets → subject → limit → hold (its condition is in the statement) → row.
 */
export function createSubmit({ db, turn, leases, listing, ledger, places, endings }: Parts) {
	const findKey = db.prepare("SELECT * FROM jobs WHERE owner = ? AND idempotency_key = ?");
	const ownsAsset = db.prepare("SELECT 1 FROM assets WHERE owner = ? AND id = ? AND removed_at IS NULL");
	const keepAsset = db.prepare("UPDATE assets SET kept_at = ? WHERE id = ? AND kept_at IS NULL");
	const insertJob = createInsertJob(db);

	function admit(s: Submission): Submitted {
		if (s.idempotencyKey !== null) {
			const known = findKey.get(s.owner, s.idempotencyKey) as KeyedJob | undefined;
			if (known) return { job: sameRequest(known, s), created: false, claimed: false };
		}
		for (const asset of s.assets) if (ownsAsset.get(s.owner, asset) === undefined) throw noAsset(asset);
		if (s.subject !== null) {
			const stale = places.requireFreeSubject(s.owner, s.subject, s.staleAfterMs, s.now);
			if (stale) endings.clear(stale, s.now);
		}
		if (s.activePerOwner !== null) places.requireRoom(s.owner, s.kind, s.activePerOwner);
		ledger.hold(s.owner, s.price, turn.upcomingChange, s.now);
		// Nothing below refuses.
		for (const asset of s.assets) keepAsset.run(s.now, asset);
		return enter(s);
	}

	/** Writes the job, queued, or running at once where the offer can be taken. */
	function enter(s: Submission): Submitted {
		const waitsFor = places.whatFor(s.owner, s.kind, s.runningPerOwner, s.runAt, s.now);
		const offer = waitsFor === "worker" && s.offer !== null && !places.isAnyoneWaiting() ? s.offer : null;
		const job = newJob(s, waitsFor, offer, turn.nextChange());
		insertJob(job, s);
		listing.add(job.owner, job.id);
		if (offer && s.charge === "on-start") {
			const { entries } = settleStart({ held: s.price, charged: 0, charge: s.charge });
			ledger.post(s.owner, entries, job.change, s.now);
		}
		const { owner, id: jobId, change, kind, status } = job;
		leases.keep(toHeldJob(job));
		turn.note({ owner, jobId, change, kind, status, claimable: job.waitsFor === "worker" });
		return { job, created: true, claimed: offer !== null };
	}

	// Clearing a stale job writes before the limit and the hold may still refuse: all of it, or nothing.
	return (s: Submission): Submitted => (s.staleAfterMs === null ? admit(s) : turn.guard(() => admit(s)));
}

function toHeldJob({
	change,
	id,
	kind,
	owner,
	held,
	charged,
	charge,
	status,
	runningPerOwner,
	leaseToken,
}: Job): HeldJob {
	const columns = { seq: change, running_per_owner: runningPerOwner, lease_token: leaseToken };
	return { id, kind, owner, held, charged, charge, status, ...columns };
}

function sameRequest(known: KeyedJob, s: Submission): Job {
	if (known.kind === s.kind && known.input === s.input) return toJob(known);
	throw mismatch(known.id);
}

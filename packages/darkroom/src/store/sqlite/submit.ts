import { DarkroomError } from "../../core/errors.ts";
import type { Job, WaitsFor } from "../../core/job.ts";
import { settleStart } from "../../credits/settlement.ts";
import type { ClaimOffer, Submission, Submitted } from "../store.ts";
import { noAsset } from "./assets.ts";
import { createInsertJob } from "./insert-job.ts";
import type { HeldJob } from "./leases.ts";
import type { Parts } from "./parts.ts";
import { type JobRow, toJob } from "./rows.ts";

/**
 * Admission. Inside one transition, and every check before the first write, so that a refusal leaves nothing:
 * key → assets → subject → limit → hold (its condition is in the statement) → row.
 */
export function createSubmit({ db, turn, leases, listing, ledger, places, endings }: Parts) {
	const findKey = db.prepare("SELECT * FROM jobs WHERE owner = ? AND idempotency_key = ?");
	const ownsAsset = db.prepare("SELECT 1 FROM assets WHERE owner = ? AND id = ?");
	const keepAsset = db.prepare("UPDATE assets SET kept_at = ? WHERE id = ? AND kept_at IS NULL");
	const insertJob = createInsertJob(db);

	function admit(s: Submission): Submitted {
		if (s.idempotencyKey !== null) {
			const known = findKey.get(s.owner, s.idempotencyKey) as JobRow | undefined;
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
		const job = toNewJob(s, waitsFor, offer, turn.nextChange());
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

function toNewJob(s: Submission, waitsFor: WaitsFor, offer: ClaimOffer | null, change: number): Job {
	const isCharged = offer !== null && s.charge === "on-start";
	return {
		id: s.id,
		kind: s.kind,
		owner: s.owner,
		subject: s.subject,
		idempotencyKey: s.idempotencyKey,
		status: offer ? "running" : "queued",
		waitsFor: offer ? null : waitsFor,
		priority: s.priority,
		runAt: s.runAt,
		input: JSON.parse(s.input),
		output: null,
		error: null,
		price: s.price,
		held: isCharged ? 0 : s.price,
		charged: isCharged ? s.price : 0,
		charge: s.charge,
		runningPerOwner: s.runningPerOwner,
		timeoutMs: s.timeoutMs,
		attempt: offer ? 1 : 0,
		maxAttempts: s.maxAttempts,
		leaseToken: offer ? offer.leaseToken : null,
		leaseExpiresAt: offer ? offer.leaseExpiresAt : null,
		deadlineAt: offer ? s.now + s.timeoutMs : s.runAt + s.queueTimeoutMs,
		progress: null,
		message: null,
		change,
		createdAt: s.now,
		startedAt: offer ? s.now : null,
		finishedAt: null,
	};
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

function sameRequest(known: JobRow, s: Submission): Job {
	if (known.kind === s.kind && known.input === s.input) return toJob(known);
	throw new DarkroomError("idempotency_mismatch", {
		detail: "This idempotency key was used for another request. Use a new key for a new request.",
		data: { jobId: known.id },
	});
}

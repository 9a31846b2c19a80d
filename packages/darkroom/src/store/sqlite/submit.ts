import type { DatabaseSync } from "node:sqlite";
import { DarkroomError } from "../../core/errors.ts";
import { settleStart } from "../../credits/settlement.ts";
import type { Submission, Submitted } from "../store.ts";
import { noAsset } from "./assets.ts";
import type { Endings } from "./endings.ts";
import type { Ledger } from "./ledger.ts";
import type { Places } from "./places.ts";
import { type JobRow, toJob } from "./rows.ts";
import type { Turn } from "./turn.ts";

/**
 * Admission. Inside one transition, and every check before the first write, so that a refusal leaves nothing:
 * key → assets → subject → limit → hold (its condition is in the statement) → row.
 */
export function createSubmit(db: DatabaseSync, turn: Turn, ledger: Ledger, places: Places, endings: Endings) {
	const findKey = db.prepare("SELECT * FROM jobs WHERE owner = ? AND idempotency_key = ?");
	const ownsAsset = db.prepare("SELECT 1 FROM assets WHERE owner = ? AND id = ?");
	const keepAsset = db.prepare("UPDATE assets SET kept_at = ? WHERE id = ? AND kept_at IS NULL");
	const insert = db.prepare(
		`INSERT INTO jobs (id, kind, owner, subject, idempotency_key, status, waits_for, priority, run_at, input, price, held,
		   charged, charge, running_per_owner, queue_timeout_ms, timeout_ms, attempt, claims, max_attempts, lease_token,
		   lease_expires_at, deadline_at, due_at, change, created_at, started_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);

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
		ledger.hold(s.owner, s.price, s.id, s.now);
		// Nothing below refuses.
		for (const asset of s.assets) keepAsset.run(s.now, asset);
		return enqueue(s);
	}

	function enqueue(s: Submission): Submitted {
		const waitsFor = places.whatFor(s.owner, s.kind, s.runningPerOwner, s.runAt, s.now);
		const offer = waitsFor === "worker" && s.offer !== null && !places.isAnyoneWaiting() ? s.offer : null;
		const queueEndsAt = s.runAt + s.queueTimeoutMs;
		const deadlineAt = offer ? s.now + s.timeoutMs : queueEndsAt;
		const dueAt = offer
			? Math.min(offer.leaseExpiresAt, deadlineAt)
			: waitsFor === "time"
				? Math.min(s.runAt, deadlineAt)
				: deadlineAt;
		const start = offer
			? settleStart({ held: s.price, charged: 0, charge: s.charge })
			: { entries: [], held: s.price, charged: 0 };
		const change = turn.nextChange();
		const row = {
			status: offer ? ("running" as const) : ("queued" as const),
			waitsFor: offer ? null : waitsFor,
			attempt: offer ? 1 : 0,
			leaseToken: offer ? offer.leaseToken : null,
			leaseExpiresAt: offer ? offer.leaseExpiresAt : null,
			startedAt: offer ? s.now : null,
		};
		insert.run(
			s.id,
			s.kind,
			s.owner,
			s.subject,
			s.idempotencyKey,
			row.status,
			row.waitsFor,
			s.priority,
			s.runAt,
			s.input,
			s.price,
			start.held,
			start.charged,
			s.charge,
			s.runningPerOwner,
			s.queueTimeoutMs,
			s.timeoutMs,
			row.attempt,
			row.attempt,
			s.maxAttempts,
			row.leaseToken,
			row.leaseExpiresAt,
			deadlineAt,
			dueAt,
			change,
			s.now,
			row.startedAt,
		);
		if (start.entries.length > 0) ledger.post(s.owner, start.entries, s.id, s.now);
		const claimable = row.waitsFor === "worker";
		turn.note({ owner: s.owner, jobId: s.id, change, kind: s.kind, status: row.status, claimable });
		const job = {
			id: s.id,
			kind: s.kind,
			owner: s.owner,
			subject: s.subject,
			idempotencyKey: s.idempotencyKey,
			...row,
			priority: s.priority,
			runAt: s.runAt,
			input: JSON.parse(s.input),
			output: null,
			error: null,
			price: s.price,
			held: start.held,
			charged: start.charged,
			charge: s.charge,
			runningPerOwner: s.runningPerOwner,
			timeoutMs: s.timeoutMs,
			maxAttempts: s.maxAttempts,
			deadlineAt,
			progress: null,
			message: null,
			change,
			createdAt: s.now,
			finishedAt: null,
		};
		return { job, created: true, claimed: offer !== null };
	}

	// Clearing a stale job writes before the limit and the hold may still refuse: all of it, or nothing.
	return (s: Submission): Submitted => (s.staleAfterMs === null ? admit(s) : turn.guard(() => admit(s)));
}

function sameRequest(known: JobRow, s: Submission) {
	if (known.kind === s.kind && known.input === s.input) return toJob(known);
	throw new DarkroomError("idempotency_mismatch", {
		detail: "This idempotency key was used for another request. Use a new key for a new request.",
		data: { jobId: known.id },
	});
}

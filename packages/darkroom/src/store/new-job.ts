import type { Job, WaitsFor } from "../core/job.ts";
import type { ClaimOffer, Submission } from "./store.ts";

/** A job as a submit writes it: queued, or running at once where the offer was taken. */
export function newJob(s: Submission, waitsFor: WaitsFor, offer: ClaimOffer | null, change: number): Job {
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
		expectedSteps: s.expectedSteps,
		progress: null,
		message: null,
		change,
		createdAt: s.now,
		startedAt: offer ? s.now : null,
		finishedAt: null,
	};
}

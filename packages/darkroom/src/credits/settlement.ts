import type { ChargeMoment } from "../core/job.ts";

/**
 * What each moment in a job's life does to its owner's account. A hold reserves at submit and is resolved
 * once: by a capture (of part or all; the rest is released) or a release. Pure: the store applies the
 * result in the same transaction as the job's transition, so a hold cannot be resolved without its job
 * moving, nor the other way round.
 *
 *     submit ── hold(price) ──┬── on-success: complete ── capture(n) ── rest released
 *                             ├── on-start:   claim ──── capture(price) ──┬── complete ── refund(price − n)
 *                             │                                           └── fail/cancel ── refund(price − delivered)
 *                             └── fail/cancel before a capture ── capture(delivered) ── rest released
 *
 * A job that was charged in part, such as one that was cancelled, and is tried again holds only the rest. What its new end owes less
 * than was charged is refunded then, so a job that failed has cost nothing, whatever its earlier lives were charged.
 */
export interface Entry {
	readonly type: EntryType;
	/** Change to `posted`. */
	readonly posted: number;
	/** Change to `held`. */
	readonly held: number;
}

export const entryTypes = ["grant", "hold", "capture", "release", "refund", "transfer"] as const;
export type EntryType = (typeof entryTypes)[number];

/** The part of a job that its settlement depends on. */
export interface Account {
	readonly held: number;
	readonly charged: number;
	readonly charge: ChargeMoment;
}

export interface Settlement {
	readonly entries: readonly Entry[];
	/** The job's `held` and `charged` after it. */
	readonly held: number;
	readonly charged: number;
}

/** At the claim: a job that is charged on start pays now; any other keeps its hold. */
export function settleStart(job: Account): Settlement {
	if (job.charge !== "on-start" || job.held === 0) return { entries: [], held: job.held, charged: job.charged };
	return {
		entries: [{ type: "capture", posted: -job.held, held: -job.held }],
		held: 0,
		charged: job.charged + job.held,
	};
}

/**
 * At a final status: `due` is what was delivered, in credits, as an app's own code counted it. It is cut to whole
 * credits and to what was held or charged, so that a job can never cost more than the price that was agreed; what is
 * no number counts as nothing delivered, for otherwise the hold could never be resolved.
 */
export function settleEnd(job: Account, delivered: number): Settlement {
	const due = wholeCredits(delivered);
	const captured = Math.min(job.held, Math.max(0, due - job.charged));
	const released = job.held - captured;
	const refunded = Math.max(0, job.charged - due);
	const entries: Entry[] = [];
	if (captured > 0) entries.push({ type: "capture", posted: -captured, held: -captured });
	if (released > 0) entries.push({ type: "release", posted: 0, held: -released });
	if (refunded > 0) entries.push({ type: "refund", posted: refunded, held: 0 });
	return { entries, held: 0, charged: job.charged + captured - refunded };
}

/** What an app's own code counted, in whole credits from 0 to `atMost`, by default no bound; what is no number is nothing. */
export function wholeCredits(counted: number, atMost = Number.POSITIVE_INFINITY): number {
	return Math.min(Math.max(0, Math.floor(counted)) || 0, atMost);
}

/** An owner's account. `available` is what a new hold may take. */
export interface Balance {
	readonly posted: number;
	readonly held: number;
	readonly available: number;
}

export function balanceOf(posted: number, held: number): Balance {
	return { posted, held, available: posted - held };
}

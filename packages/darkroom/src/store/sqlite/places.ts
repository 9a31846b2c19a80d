import type { DatabaseSync } from "node:sqlite";
import type { WaitsFor } from "../../core/job.ts";
import { conflict, tooManyActive } from "../refusals.ts";
import type { KeyedJob } from "./rows.ts";
import type { Turn } from "./turn.ts";

/**
 * Who may be where: subjects, owners' limits and running places. A job of a kind that limits how many run
 * for one owner takes a place when it runs or waits for a worker; without one it waits for its owner, out
 * of every claim's sight, until a place comes free.
 *
 *     submitted ──► time ──due──┐              ┌── place free ──► worker ──claim──► running
 *         └─────────────────────┴─► (a place?) ┤                    ▲                  │
 *                                              └── none ──► owner ──┘◄── a place ──────┘
 */
export interface Places {
	/** @throws `conflict`. An active job older than `staleAfterMs` is returned instead, to be cleared. */
	requireFreeSubject(owner: string, subject: string, staleAfterMs: number | null, now: number): KeyedJob | undefined;
	/** @throws `too_many_active` */
	requireRoom(owner: string, kind: string, limit: number): void;
	/** What a job that becomes queued now has to wait for. */
	whatFor(owner: string, kind: string, runningPerOwner: number | null, runAt: number, now: number): WaitsFor;
	/** Whether one more job of the kind may run for the owner. */
	isFree(owner: string, kind: string, runningPerOwner: number | null): boolean;
	/** Whether any job waits for a worker: then a newcomer may not be claimed before it. */
	isAnyoneWaiting(): boolean;
	/** A place came free: the owner's next job of the kind takes it. */
	passOn(owner: string, kind: string, runningPerOwner: number | null): void;
}

export function createPlaces(db: DatabaseSync, turn: Turn): Places {
	const findSubject = db.prepare("SELECT * FROM jobs WHERE owner = ? AND subject = ? AND finished_at IS NULL");
	// OFFSET walks the index as far as the limit and no further; count(*) of a subquery is ten times slower.
	const isFull = db.prepare("SELECT 1 FROM jobs WHERE owner = ? AND kind = ? AND finished_at IS NULL LIMIT 1 OFFSET ?");
	const countActive = db.prepare(
		"SELECT count(*) AS active FROM jobs WHERE owner = ? AND kind = ? AND finished_at IS NULL",
	);
	const places = "running_per_owner IS NOT NULL AND (lease_token IS NOT NULL OR waits_for = 'worker')";
	const arePlacesTaken = db.prepare(
		`SELECT 1 FROM jobs INDEXED BY jobs_places WHERE owner = ? AND kind = ? AND ${places} LIMIT 1 OFFSET ?`,
	);
	const anyWaiting = db.prepare("SELECT 1 FROM jobs INDEXED BY jobs_claimable WHERE waits_for = 'worker' LIMIT 1");
	const next = db.prepare(
		`SELECT seq, id FROM jobs INDEXED BY jobs_backlog WHERE waits_for = 'owner' AND owner = ? AND kind = ?
		 ORDER BY priority DESC, run_at, id LIMIT 1`,
	);
	const wake = db.prepare("UPDATE jobs SET waits_for = 'worker', change = ? WHERE seq = ?");

	/** The turn's moment at which nobody waited. */
	let nobodyAt: number | undefined;

	function isAnyoneWaiting(): boolean {
		if (turn.moment === nobodyAt) return false;
		if (anyWaiting.get() !== undefined) return true;
		nobodyAt = turn.moment;
		return false;
	}

	function isFree(owner: string, kind: string, runningPerOwner: number | null): boolean {
		return runningPerOwner === null || arePlacesTaken.get(owner, kind, runningPerOwner - 1) === undefined;
	}

	return {
		requireFreeSubject(owner, subject, staleAfterMs, now) {
			const active = findSubject.get(owner, subject) as KeyedJob | undefined;
			if (!active) return undefined;
			const ageMs = now - (active.retried_at ?? active.created_at);
			if (staleAfterMs !== null && ageMs > staleAfterMs) return active;
			throw conflict(active.kind, { jobId: active.id, jobStatus: active.status, ageMs });
		},
		requireRoom(owner, kind, limit) {
			if (isFull.get(owner, kind, limit - 1) === undefined) return;
			const { active } = countActive.get(owner, kind) as { active: number };
			throw tooManyActive(limit, active);
		},
		whatFor(owner, kind, runningPerOwner, runAt, now) {
			if (runAt > now) return "time";
			return isFree(owner, kind, runningPerOwner) ? "worker" : "owner";
		},
		isFree,
		isAnyoneWaiting,
		passOn(owner, kind, runningPerOwner) {
			if (runningPerOwner === null) return;
			const waiting = next.get(owner, kind) as { seq: number; id: string } | undefined;
			if (!waiting || !isFree(owner, kind, runningPerOwner)) return;
			const change = turn.nextChange();
			wake.run(change, waiting.seq);
			turn.note({ owner, jobId: waiting.id, change, kind, status: "queued", claimable: true });
		},
	};
}

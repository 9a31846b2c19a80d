import type { DatabaseSync } from "node:sqlite";
import { sendAgainAt } from "../runs.ts";
import type { Dispatch, DispatchTake } from "../store.ts";

/** When an event is due; as the index has it (migrations/0007_dispatches.sql). */
const dueAt = "(CASE WHEN sent_change = change THEN send_at ELSE 0 END)";

/** Of one kind, at a time, and so many at most. */
export const dueEvents = `SELECT seq, id, owner, kind, change, CASE WHEN sent_change = change THEN sends END AS sends, ${dueAt} AS due
  FROM jobs INDEXED BY jobs_sendable WHERE waits_for = 'worker' AND kind = ?1 AND ${dueAt} <= ?2
  ORDER BY ${dueAt}, change LIMIT ?3`;

interface Due {
	seq: number;
	id: string;
	owner: string;
	kind: string;
	change: number;
	/** Of this wait; null before the first time. */
	sends: number | null;
	due: number;
}

/**
 * Jobs whose event a service is to be sent. What waits for a worker is the outbox itself: there is no row beside the job's that
 * could say otherwise than it. Nobody who watches the job sees any of it, so it takes no change number and tells nobody.
 */
export function createDispatches(db: DatabaseSync) {
	const heads = db.prepare(dueEvents);
	const mark = db.prepare("UPDATE jobs SET sent_change = change, sends = ?, send_at = ? WHERE seq = ?");

	return (take: DispatchTake): Dispatch[] => {
		const { kinds, limit, now } = take;
		const due = kinds.flatMap((kind) => heads.all(kind, now, limit) as unknown as Due[]);
		if (kinds.length > 1) due.sort((a, b) => a.due - b.due || a.change - b.change);
		return due.slice(0, limit).map(({ seq, id: jobId, owner, kind, change, sends: before }) => {
			const sends = (before ?? 0) + 1;
			mark.run(sends, sendAgainAt(take, sends), seq);
			return { jobId, owner, kind, change, sends };
		});
	};
}

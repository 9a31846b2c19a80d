import type { DatabaseSync } from "node:sqlite";
import { jobsOf } from "./listing.ts";
import { isStepOf } from "./step-key.ts";

/**
 * A look back over no more ended jobs than this, of all owners, goes through them; one over more goes through the viewer's own. An
 * ended job of somebody else's costs about as much as one of the viewer's.
 */
const lately = 200;

/**
 * The ids of a viewer's jobs that changed after `change`, in the order of their changes, at most `limit`. What is active is found by
 * its owner, what has ended by its change: how much the viewer ever had does not matter to who looks often.
 */
export type FindChanged = (viewer: string, change: number, limit: number) => string[];

export function createFindChanged(db: DatabaseSync): FindChanged {
	// Only an active job's steps can be newer than its row: ending it takes a later change number than any of them.
	const active = `SELECT id, MAX(change, COALESCE((SELECT MAX(steps.change) FROM steps WHERE ${isStepOf("jobs.seq")}), 0)) AS latest
	  FROM jobs INDEXED BY jobs_active WHERE owner = ?1 AND finished_at IS NULL`;
	const andEnded = (ended: string) =>
		db.prepare(
			`SELECT id FROM (SELECT id, change AS latest FROM ${ended} UNION ALL ${active})
			 WHERE latest > ?2 ORDER BY latest LIMIT ?3`,
		);
	const sinceLately = andEnded(
		"jobs INDEXED BY jobs_ended WHERE finished_at IS NOT NULL AND change > ?2 AND owner = ?1",
	);
	const sinceEver = andEnded(
		`${jobsOf("?1")} AS mine CROSS JOIN jobs USING (id) WHERE finished_at IS NOT NULL AND change > ?2`,
	);
	// OFFSET walks the index as far as the limit and no further.
	const isLongAgo = db.prepare(
		`SELECT 1 FROM jobs INDEXED BY jobs_ended WHERE finished_at IS NOT NULL AND change > ? LIMIT 1 OFFSET ${lately}`,
	);

	return (viewer, change, limit) => {
		const changed = isLongAgo.get(change) === undefined ? sinceLately : sinceEver;
		return (changed.all(viewer, change, limit) as { id: string }[]).map(({ id }) => id);
	};
}

import type { DatabaseSync } from "node:sqlite";
import type { Ledger } from "./ledger.ts";
import type { JobRow } from "./rows.ts";
import type { Turn } from "./turn.ts";

/**
 * Everything of one owner becomes another's: for a guest who signs up while something is still developing.
 * Keys and subjects that the new owner uses already are dropped from what moves in, since both are unique
 * within an owner.
 */
export function createTransfer(db: DatabaseSync, turn: Turn, ledger: Ledger) {
	const dropKeys = db.prepare(
		`UPDATE jobs SET idempotency_key = NULL WHERE owner = ?1 AND idempotency_key IN
		   (SELECT idempotency_key FROM jobs WHERE owner = ?2 AND idempotency_key IS NOT NULL)`,
	);
	const dropSubjects = db.prepare(
		`UPDATE jobs SET subject = NULL WHERE owner = ?1 AND finished_at IS NULL AND subject IN
		   (SELECT subject FROM jobs WHERE owner = ?2 AND subject IS NOT NULL AND finished_at IS NULL)`,
	);
	const owned = db.prepare("SELECT id, kind, status FROM jobs WHERE owner = ? ORDER BY change");
	const move = db.prepare("UPDATE jobs SET owner = ?, change = ? WHERE id = ?");
	const moveAssets = db.prepare("UPDATE assets SET owner = ? WHERE owner = ?");

	return ({ from, to, now }: { from: string; to: string; now: number }): void => {
		if (from === to) return;
		dropKeys.run(from, to);
		dropSubjects.run(from, to);
		for (const job of owned.all(from) as unknown as Pick<JobRow, "id" | "kind" | "status">[]) {
			const change = turn.nextChange();
			move.run(to, change, job.id);
			turn.note({ owner: to, jobId: job.id, change, kind: job.kind, status: job.status });
		}
		moveAssets.run(to, from);
		ledger.transfer(from, to, now);
	};
}

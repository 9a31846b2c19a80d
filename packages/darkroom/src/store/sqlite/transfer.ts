import { jobsOf } from "./listing.ts";
import type { Parts } from "./parts.ts";
import type { KeyedJob } from "./rows.ts";

type Moved = Pick<
	KeyedJob,
	"seq" | "id" | "kind" | "status" | "waits_for" | "running_per_owner" | "lease_token" | "attempt"
>;

/** How long other processes can find out that an owner moved, in ms: longer than any of them looks away. */
const keptForMs = 24 * 60 * 60_000;

/**
 * Everything of one owner becomes another's: for a guest who signs up while something is still developing.
 * Keys and subjects that the new owner uses already are dropped from what moves in, since both are unique
 * within an owner.
 *
 * A running job's worker reads and stores assets as the old owner, who has none any more. So its lease is taken
 * away, and the job is claimed again as the new owner's; what its steps have completed stays. All that waited for
 * a worker stands in line once more for the new owner's running places.
 */
export function createTransfer({ db, turn, leases, listing, ledger, places }: Parts) {
	const dropKeys = db.prepare(
		`UPDATE jobs SET idempotency_key = NULL WHERE owner = ?1 AND idempotency_key IN
		   (SELECT idempotency_key FROM jobs WHERE owner = ?2 AND idempotency_key IS NOT NULL)`,
	);
	const dropSubjects = db.prepare(
		`UPDATE jobs SET subject = NULL WHERE owner = ?1 AND finished_at IS NULL AND subject IN
		   (SELECT subject FROM jobs WHERE owner = ?2 AND subject IS NOT NULL AND finished_at IS NULL)`,
	);
	const owned = db.prepare(
		`SELECT seq, id, kind, status, waits_for, running_per_owner, lease_token, attempt
		 FROM ${jobsOf("?1")} AS mine CROSS JOIN jobs USING (id) ORDER BY change`,
	);
	const move = db.prepare("UPDATE jobs SET owner = ?, change = ? WHERE seq = ?");
	const queue = db.prepare(
		`UPDATE jobs SET status = 'queued', waits_for = ?, attempt = ?, lease_token = NULL, lease_expires_at = NULL,
		   due_at = deadline_at WHERE seq = ?`,
	);
	const forget = db.prepare("DELETE FROM transfers WHERE at < ?");
	const remember = db.prepare("INSERT INTO transfers (owner, at) VALUES (?, ?)");
	const moveAssets = db.prepare("UPDATE assets SET owner = ? WHERE owner = ?");

	/** What the job waits for as the new owner's; null where that is nothing, or its time. */
	function queueAgain(job: Moved): "owner" | "worker" | null {
		if (job.lease_token === null && job.waits_for !== "worker") return null;
		const waitsFor = job.running_per_owner === null ? "worker" : "owner";
		queue.run(waitsFor, job.lease_token === null ? job.attempt : job.attempt - 1, job.seq);
		return waitsFor;
	}

	return ({ from, to, now }: { from: string; to: string; now: number }): void => {
		if (from === to) return;
		leases.forgetAll();
		const moved = owned.all(from) as unknown as Moved[];
		dropKeys.run(from, to);
		dropSubjects.run(from, to);
		const inLine: Moved[] = [];
		for (const job of moved) {
			const change = turn.nextChange();
			move.run(to, change, job.seq);
			const waitsFor = queueAgain(job);
			if (waitsFor === "owner") inLine.push(job);
			turn.note({
				owner: to,
				jobId: job.id,
				change,
				kind: job.kind,
				status: waitsFor === null ? job.status : "queued",
				revokedLeaseToken: job.lease_token,
				claimable: waitsFor === "worker",
			});
		}
		for (const job of inLine) places.passOn(to, job.kind, job.running_per_owner);
		listing.transfer(from, to);
		moveAssets.run(to, from);
		ledger.transfer(
			from,
			to,
			moved.map(({ seq }) => seq),
			now,
		);
		forget.run(now - keptForMs);
		remember.run(from, now);
	};
}

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
 * A running job goes on under its lease: the model that it has asked is not asked again. Where the new owner has no
 * running place left, its lease is taken away, and it waits for one with all else that waited for a worker; what its
 * steps have completed stays.
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

	/** What the job waits for as the new owner's; null where that is as it was. */
	function queueAgain(job: Moved, goesOn: boolean): "owner" | "worker" | null {
		if (goesOn || (job.lease_token === null && job.waits_for !== "worker")) return null;
		const waitsFor = job.running_per_owner === null ? "worker" : "owner";
		queue.run(waitsFor, job.lease_token === null ? job.attempt : job.attempt - 1, job.seq);
		return waitsFor;
	}

	function moveJob(job: Moved, to: string): "owner" | "worker" | null {
		const goesOn = job.lease_token !== null && places.isFree(to, job.kind, job.running_per_owner);
		const change = turn.nextChange();
		move.run(to, change, job.seq);
		const waitsFor = queueAgain(job, goesOn);
		turn.note({
			owner: to,
			jobId: job.id,
			change,
			kind: job.kind,
			status: waitsFor === null ? job.status : "queued",
			revokedLeaseToken: goesOn ? null : job.lease_token,
			movedLeaseToken: goesOn ? job.lease_token : null,
			claimable: waitsFor === "worker",
		});
		return waitsFor;
	}

	return ({ from, to, now }: { from: string; to: string; now: number }): void => {
		if (from === to) return;
		leases.forgetAll();
		const moved = owned.all(from) as unknown as Moved[];
		dropKeys.run(from, to);
		dropSubjects.run(from, to);
		const inLine = moved.filter((job) => moveJob(job, to) === "owner");
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

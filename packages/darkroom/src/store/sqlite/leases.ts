import type { DatabaseSync } from "node:sqlite";
import { leaseLost } from "../refusals.ts";
import type { KeyedJob } from "./rows.ts";

/** What has to be known of a job to let its worker write, and to settle it. */
export type HeldJob = Pick<
	KeyedJob,
	"seq" | "id" | "kind" | "owner" | "held" | "charged" | "charge" | "running_per_owner" | "lease_token" | "status"
>;

/**
 * The fence: every write of a worker asks here, inside its transaction, whether its token is still the job's.
 *
 * The rows of what this connection claimed are kept in memory, since five steps of a job would read the same row
 * five times. That is sound because it is SQLite's own rule for its page cache: under the write lock,
 * `PRAGMA data_version` has moved if any other connection has committed since, and then everything is forgotten
 * and read anew. Whatever moves a lease in this connection forgets it here; so does a rollback.
 */
export class Leases {
	readonly #held = new Map<string, HeldJob>();
	readonly #readVersion;
	readonly #read;
	#version = Number.NaN;

	constructor(db: DatabaseSync) {
		this.#readVersion = db.prepare("PRAGMA data_version");
		this.#read = db.prepare(
			`SELECT seq, id, kind, owner, held, charged, charge, running_per_owner, lease_token, status
			 FROM jobs WHERE id = ? AND lease_token = ?`,
		);
	}

	/** Under the write lock, before the first transition of a transaction. The result is its `data_version`. */
	begin(): number {
		const { data_version: version } = this.#readVersion.get() as { data_version: number };
		if (version !== this.#version) this.#held.clear();
		this.#version = version;
		return version;
	}

	/** @throws `lease_lost` */
	require(jobId: string, leaseToken: string): HeldJob {
		const known = this.#held.get(leaseToken);
		if (known?.id === jobId) return known;
		const row = this.#read.get(jobId, leaseToken) as HeldJob | undefined;
		if (!row) throw leaseLost(jobId);
		this.#held.set(leaseToken, row);
		return row;
	}

	keep(row: HeldJob): void {
		if (row.lease_token !== null) this.#held.set(row.lease_token, row);
	}

	forget(leaseToken: string | null): void {
		if (leaseToken !== null) this.#held.delete(leaseToken);
	}

	forgetAll(): void {
		this.#held.clear();
	}
}

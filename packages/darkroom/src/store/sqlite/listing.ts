import type { DatabaseSync } from "node:sqlite";

/** Jobs that may be new before they are listed; a list walks through these, and a turn of this many is at most 2 ms. */
const mostUnlisted = 2_000;

/**
 * Which jobs are whose. An index on owner and id would touch a page of its own for each job of a burst, and was the
 * dearest part of a submit. So `owner_jobs` is kept up in bulk, sorted, up to the id in `listed`: by the sweeper,
 * and by the turn that has made it `mostUnlisted` longer. What is newer is found by its id, at the end of `jobs`:
 *
 *     jobs by id   ████████████████████████████████████████ up_to ▒▒▒▒▒▒
 *                  found by owner, in owner_jobs                 walked through
 *
 * An id of an earlier millisecond may still come, from a process whose clock is behind: that one is listed at once.
 */
export class Listing {
	readonly #readUpTo;
	readonly #add;
	readonly #addNew;
	readonly #moveUp;
	readonly #remove;
	readonly #moveOwner;
	/** Undefined when another connection, or a rollback, may have moved it. */
	#upTo: string | undefined;
	#version = Number.NaN;
	#unlisted = 0;

	constructor(db: DatabaseSync) {
		this.#readUpTo = db.prepare("SELECT up_to FROM listed");
		this.#add = db.prepare("INSERT INTO owner_jobs (owner, job_id) VALUES (?, ?)");
		this.#addNew = db.prepare(
			`INSERT INTO owner_jobs (owner, job_id)
			 SELECT owner, id FROM jobs WHERE id > (SELECT up_to FROM listed) ORDER BY owner, id`,
		);
		this.#moveUp = db.prepare("UPDATE listed SET up_to = (SELECT MAX(id) FROM jobs)");
		this.#remove = db.prepare("DELETE FROM owner_jobs WHERE owner = ? AND job_id = ?");
		this.#moveOwner = db.prepare("UPDATE owner_jobs SET owner = ? WHERE owner = ?");
	}

	/** Before the first transition of a transaction, with its `data_version`. */
	begin(version: number): void {
		if (version !== this.#version) this.#upTo = undefined;
		this.#version = version;
	}

	/** A job that was just inserted. */
	add(owner: string, jobId: string): void {
		this.#upTo ??= (this.#readUpTo.get() as { up_to: string }).up_to;
		if (jobId > this.#upTo) this.#unlisted++;
		else this.#add.run(owner, jobId);
	}

	/** After the last transition of a transaction. */
	keepUp(): void {
		if (this.#unlisted >= mostUnlisted) this.listAll();
	}

	/** Lists everything; costs a look where nothing is new. */
	listAll(): void {
		this.#unlisted = 0;
		if (this.#addNew.run().changes === 0) return;
		this.#moveUp.run();
		this.#upTo = undefined;
	}

	remove(owner: string, jobId: string): void {
		this.#remove.run(owner, jobId);
	}

	transfer(from: string, to: string): void {
		this.listAll();
		this.#moveOwner.run(to, from);
	}

	/** After a rollback. */
	forget(): void {
		this.#upTo = undefined;
	}
}

/** The ids of an owner's jobs, as a table in a FROM; `owner` is the parameter that names the owner. */
export function jobsOf(owner: string): string {
	return `(SELECT job_id AS id FROM owner_jobs WHERE owner = ${owner}
	  UNION ALL SELECT id FROM jobs WHERE id > (SELECT up_to FROM listed) AND owner = ${owner})`;
}

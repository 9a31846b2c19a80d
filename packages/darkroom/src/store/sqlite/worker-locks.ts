import { randomBytes } from "node:crypto";
import { chmodSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../core/logger.ts";

/** A store gives its sign of life and looks for those of others when it sweeps, but not more often than this, in ms. */
const lookEveryMs = 500;
/** Without a sign of life for this long a worker may be gone, in ms. */
const quietMs = 2_000;
const idPattern = /^[0-9a-f]{10}$/;

/**
 * Who lives: each store that gives out leases has an empty file of its own beside the database. As long as it is open it
 * holds a lock on it, which the operating system drops with the process, however that ends, and touches it now and then. The
 * file's name ends with what its lease tokens begin with.
 *
 *     locked                        → lives; a frozen process (SIGSTOP) does, too
 *     touched a moment ago          → lives, or has just died
 *     neither                       → gone, if any lease has its name; otherwise it may be about to lock the file
 *     there is no file              → nothing is known: its leases run out
 *
 * A lease is committed after the lock was taken, and no name is used twice. So whoever sees, under the database's write lock,
 * a lease and an unlocked file of one name knows that its holder is gone for good.
 *
 * The locks are SQLite's own, those that keep the database whole: a connection stays in an exclusive transaction that writes
 * nothing. SQLite keeps count of them for the whole process, so two stores in one are told apart. A process that reads the
 * file by other means loses its lock with that (https://sqlite.org/howtocorrupt.html, 2.2); hence the touch, too.
 */
export class WorkerLocks {
	/** Null: a database in memory, which nobody shares. */
	readonly #databasePath: string | null;
	readonly #logger: Logger;
	/** Null: it could not be taken. Undefined: nobody has asked for it yet. */
	#own: { readonly id: string; readonly lock: DatabaseSync } | null | undefined;
	#lookAgainAtMs = 0;

	/** @param databasePath absolute, with no links in it; null for a database in memory */
	constructor(databasePath: string | null, logger: Logger) {
		this.#databasePath = databasePath;
		this.#logger = logger;
	}

	/** What this store's lease tokens begin with; empty where there is no lock. Takes the lock at the first call. */
	leasePrefix(): string {
		if (this.#own === undefined) this.#own = this.#tryToTake();
		return this.#own === null ? "" : prefixOf(this.#own.id);
	}

	/** Gives a sign of life, and names the workers that give none and hold no lock. Nobody, where it was asked a moment ago. */
	findUnlocked(): string[] {
		const nowMs = performance.now();
		if (this.#databasePath === null || nowMs < this.#lookAgainAtMs) return [];
		this.#lookAgainAtMs = nowMs + lookEveryMs;
		this.#touch();
		return this.#others(this.#databasePath).filter((id) => this.#isQuiet(id) && this.isUnlocked(id));
	}

	/** Whether its file is there, and nobody has locked it. */
	isUnlocked(id: string): boolean {
		return this.#whileUnlocked(id, () => {});
	}

	/** Removes the file of a worker that is gone, and no other. */
	remove(id: string): void {
		// While it is looked at nobody can lock it, so it cannot be a living one's.
		this.#whileUnlocked(id, (path) => rmSync(path, { force: true }));
	}

	/** To be called after the last commit: whoever sees the file unlocked before it is removed ends what leases are left. */
	close(): void {
		const own = this.#own;
		this.#own = null;
		if (!own) return;
		own.lock.close();
		try {
			rmSync(this.#pathOf(own.id), { force: true });
		} catch {
			// Whoever looks at it just now removes it.
		}
	}

	#tryToTake(): { readonly id: string; readonly lock: DatabaseSync } | null {
		if (this.#databasePath === null) return null;
		try {
			return this.#take(this.#databasePath);
		} catch (error) {
			this.#logger.warn({ err: error as Error }, "cannot show that this process lives");
			return null;
		}
	}

	#take(databasePath: string): { readonly id: string; readonly lock: DatabaseSync } {
		const id = randomBytes(5).toString("hex");
		const path = this.#pathOf(id);
		const lock = new DatabaseSync(path, { timeout: 0 });
		try {
			// A journal on the disk would be made although nothing is written.
			lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
			// Whoever may read the database may see who works on it. Fails where the file was taken for one left behind.
			chmodSync(path, statSync(databasePath).mode & 0o777);
			return { id, lock };
		} catch (error) {
			lock.close();
			rmSync(path, { force: true });
			throw error;
		}
	}

	#touch(): void {
		if (!this.#own) return;
		const now = new Date();
		try {
			utimesSync(this.#pathOf(this.#own.id), now, now);
		} catch {
			// Somebody has removed it: then nobody judges by it, and the leases of this store run out after it.
		}
	}

	/** By the machine's clock, as the file is. One that is put back makes whoever is gone seem to live: leases run out. */
	#isQuiet(id: string): boolean {
		const file = statSync(this.#pathOf(id), { throwIfNoEntry: false });
		return file !== undefined && Date.now() - file.mtimeMs >= quietMs;
	}

	#pathOf(id: string): string {
		return `${this.#databasePath}-worker-${id}`;
	}

	#others(databasePath: string): string[] {
		const before = `${basename(databasePath)}-worker-`;
		let names: string[];
		try {
			names = readdirSync(dirname(databasePath));
		} catch {
			// A folder that cannot be listed tells nothing of anybody: leases run out.
			return [];
		}
		const ids = names.filter((name) => name.startsWith(before)).map((name) => name.slice(before.length));
		return ids.filter((id) => idPattern.test(id) && id !== this.#own?.id);
	}

	/** Calls `work` in the moment in which nobody else can lock the file. False where somebody has, or it cannot be told. */
	#whileUnlocked(id: string, work: (path: string) => void): boolean {
		const path = this.#pathOf(id);
		let look: DatabaseSync | undefined;
		try {
			// To read is all it takes to meet the lock; and what is only read is not made where it is not there.
			look = new DatabaseSync(path, { readOnly: true, timeout: 0 });
			look.exec("BEGIN; SELECT 1 FROM sqlite_schema");
			work(path);
			return true;
		} catch {
			return false;
		} finally {
			look?.close();
		}
	}
}

/** What the lease tokens of a worker begin with. */
export function prefixOf(worker: string): string {
	return `${worker}-`;
}

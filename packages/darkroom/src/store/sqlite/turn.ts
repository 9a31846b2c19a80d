import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Defer } from "../../core/clock.ts";
import { isDarkroomError } from "../../core/errors.ts";
import type { Change } from "../store.ts";
import { isBusy, toStoreError } from "./errors.ts";
import type { Leases } from "./leases.ts";
import type { Listing } from "./listing.ts";

/** Above this many transitions the rest waits for the next turn, so that other work is not held up for long. */
const mostPerTurn = 600;
/** How long a turn keeps asking for the write lock before its callers are told that the store is unavailable. */
const busyLimitMs = 5_000;
const askAgainMs = 3;

interface Queued {
	readonly transition: (value: never) => unknown;
	readonly value: unknown;
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: unknown) => void;
	/** What came of it in the transaction that is open; told after the commit. */
	result: unknown;
	refusal: unknown;
}

/**
 * Transitions asked for in one turn of the event loop are committed together: one fsync makes all of
 * them durable, and each caller's promise resolves after it.
 *
 *     call ── queue ──┐
 *     call ── queue ──┼─ end of turn ─ BEGIN IMMEDIATE ─ each in order ─ COMMIT ─ resolve all ─ tell listeners
 *     call ── queue ──┘
 *
 * A refusal (a `DarkroomError`) is thrown before a transition's first write (or inside `guard`), so it rejects its
 * own caller and the rest goes on. Anything unexpected rolls the whole turn back, and its transitions are then
 * committed one by one, so that one of them cannot take the others with it. While another process holds the
 * write lock the turn waits on a timer, not in SQLite, which would stop the event loop.
 */
export class Turn {
	readonly #db: DatabaseSync;
	readonly #leases: Leases;
	readonly #listing: Listing;
	readonly #onCommit: (commit: Committed) => void;
	readonly #begin: StatementSync;
	readonly #commit: StatementSync;
	readonly #readCounter: StatementSync;
	readonly #writeCounter: StatementSync;
	readonly #defer: Defer;
	readonly #flush = () => this.#commitQueued();
	#queue: Queued[] = [];
	#isScheduled = false;
	#busySinceMs: number | undefined;
	#closed: Error | undefined;
	#change = 0;
	#changes: Change[] = [];
	#moment = 0;

	constructor(db: DatabaseSync, leases: Leases, listing: Listing, onCommit: (commit: Committed) => void, defer: Defer) {
		this.#defer = defer;
		this.#db = db;
		this.#leases = leases;
		this.#listing = listing;
		this.#onCommit = onCommit;
		this.#begin = db.prepare("BEGIN IMMEDIATE");
		this.#commit = db.prepare("COMMIT");
		this.#readCounter = db.prepare("SELECT value FROM counters WHERE name = 'change'");
		this.#writeCounter = db.prepare("UPDATE counters SET value = ? WHERE name = 'change'");
	}

	/** Queues a transition, to be run with `value` inside the transaction of this turn. */
	commit<Value, Result>(transition: (value: Value) => Result, value: Value): Promise<Result> {
		if (this.#closed) return Promise.reject(this.#closed);
		this.#schedule();
		return new Promise((resolve, reject) => {
			this.#queue.push(queued(transition, value, resolve as (result: unknown) => void, reject));
		});
	}

	/** The next change number. Only inside a transition. */
	nextChange(): number {
		return ++this.#change;
	}

	/** The number that `nextChange` will give: for a row that has to name one which is not yet written. */
	get upcomingChange(): number {
		return this.#change + 1;
	}

	/** Notes what listeners will be told after the commit. Only inside a transition. */
	note(change: Change): void {
		this.#changes.push(change);
		if (change.claimable) this.#moment++;
	}

	/**
	 * As long as this is the same, no job has come to wait for a worker: for who asked and found none.
	 * Only inside a transition.
	 */
	get moment(): number {
		return this.#moment;
	}

	/** Runs a part of a transition that writes before it may refuse: a refusal takes back what it wrote. */
	guard<Result>(part: () => Result): Result {
		const noted = this.#changes.length;
		// May stand within another of the same name: the innermost is meant.
		this.#db.exec("SAVEPOINT guarded");
		try {
			const result = part();
			this.#db.exec("RELEASE guarded");
			return result;
		} catch (error) {
			// A full disk ends the whole transaction by itself; there is no savepoint left to go back to.
			if (this.#db.isTransaction) this.#db.exec("ROLLBACK TO guarded; RELEASE guarded");
			this.#leases.forgetAll();
			this.#listing.forget();
			this.#changes.length = noted;
			this.#moment++;
			throw error;
		}
	}

	/**
	 * Runs a transition at once, inside a transaction that the caller has begun and will end; where it fails, what it wrote is
	 * taken back and the transaction stays as it was. What is kept in memory may be rolled back unseen, so nothing is.
	 */
	within<Value, Result>(transition: (value: Value) => Result, value: Value): Result {
		this.#changes = [];
		this.#moment++;
		try {
			return this.guard(() => {
				this.#listing.begin(this.#leases.begin());
				const before = (this.#readCounter.get() as { value: number }).value;
				this.#change = before;
				const result = transition(value);
				this.#listing.keepUp();
				if (this.#change !== before) this.#writeCounter.run(this.#change);
				return result;
			});
		} finally {
			this.#leases.forgetAll();
			this.#listing.forget();
		}
	}

	/** Resolves when everything queued so far is committed or refused; what is called from then on is rejected. */
	async close(error: Error): Promise<void> {
		this.#closed = error;
		if (this.#queue.length === 0) return;
		// Behind everything that was queued; should the database be away, it is refused like the rest, and that is an end too.
		await new Promise<unknown>((done) => {
			this.#queue.push(queued(() => {}, undefined, done, done));
		});
	}

	#schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		this.#defer(this.#flush);
	}

	#commitQueued(): void {
		this.#isScheduled = false;
		const batch = this.#queue;
		this.#queue = batch.length > mostPerTurn ? batch.splice(mostPerTurn) : [];
		if (batch.length === 0) return;
		try {
			this.#begin.run();
		} catch (error) {
			this.#waitForLock(batch, error);
			return;
		}
		this.#busySinceMs = undefined;
		if (!this.#run(batch)) this.#runEachAlone(batch);
		if (this.#queue.length > 0) this.#schedule();
	}

	/** One transaction for all. False when it was rolled back and each has to be tried alone. */
	#run(batch: readonly Queued[]): boolean {
		const startedAt = performance.now();
		this.#changes = [];
		let version: number;
		// Other connections, and rollbacks, may have made jobs wait.
		this.#moment++;
		try {
			version = this.#leases.begin();
			this.#listing.begin(version);
			const before = (this.#readCounter.get() as { value: number }).value;
			this.#change = before;
			for (const one of batch) attempt(one);
			this.#listing.keepUp();
			if (this.#change !== before) this.#writeCounter.run(this.#change);
			this.#commit.run();
		} catch (error) {
			if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
			this.#leases.forgetAll();
			this.#listing.forget();
			if (batch.length > 1) return false;
			(batch[0] as Queued).reject(toStoreError(error));
			return true;
		}
		for (const one of batch) {
			if (one.refusal === undefined) one.resolve(one.result);
			else one.reject(one.refusal);
		}
		const durationMs = performance.now() - startedAt;
		this.#onCommit({ changes: this.#changes, version, transitions: batch.length, durationMs });
		return true;
	}

	#runEachAlone(batch: readonly Queued[]): void {
		for (const [index, one] of batch.entries()) {
			try {
				this.#begin.run();
			} catch (error) {
				// Another process took the lock in between: the rest waits for it like any turn.
				this.#waitForLock(batch.slice(index), error);
				return;
			}
			this.#run([one]);
		}
	}

	#waitForLock(batch: readonly Queued[], error: unknown): void {
		const nowMs = performance.now();
		this.#busySinceMs ??= nowMs;
		if (isBusy(error) && nowMs - this.#busySinceMs < busyLimitMs) {
			this.#queue = [...batch, ...this.#queue];
			this.#isScheduled = true;
			setTimeout(this.#flush, askAgainMs);
			return;
		}
		this.#busySinceMs = undefined;
		for (const one of batch) one.reject(toStoreError(error));
		if (this.#queue.length > 0) this.#schedule();
	}
}

/** What is told after each commit. */
export interface Committed {
	/** May be nothing that anyone watches. */
	readonly changes: readonly Change[];
	/** The `data_version` it saw: another one than before says that another connection has committed. */
	readonly version: number;
	readonly transitions: number;
	/** From the write lock to the end of the sync, in ms. */
	readonly durationMs: number;
}

function queued(
	transition: Queued["transition"],
	value: unknown,
	resolve: Queued["resolve"],
	reject: Queued["reject"],
): Queued {
	return { transition, value, resolve, reject, result: undefined, refusal: undefined };
}

function attempt(one: Queued): void {
	// Of a transaction that was rolled back, when each is tried alone.
	one.refusal = undefined;
	try {
		one.result = one.transition(one.value as never);
	} catch (error) {
		if (!isDarkroomError(error)) throw error;
		one.refusal = error;
	}
}

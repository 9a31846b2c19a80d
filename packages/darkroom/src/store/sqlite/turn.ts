import type { DatabaseSync } from "node:sqlite";
import { isDarkroomError } from "../../core/errors.ts";
import type { Change } from "../store.ts";
import { isBusy, toStoreError } from "./errors.ts";

/**
 * Transitions asked for in one turn of the event loop are committed together: one fsync makes all of
 * them durable, and each caller's promise resolves after it.
 *
 *     call ── queue ──┐
 *     call ── queue ──┼─ end of turn ─ BEGIN IMMEDIATE ─ each in order ─ COMMIT ─ resolve all ─ tell listeners
 *     call ── queue ──┘
 *
 * A refusal (a `DarkroomError`) is thrown before a transition's first write, so it rejects its own caller and
 * the rest goes on. Anything unexpected rolls the whole turn back, and its transitions are then committed
 * one by one, so that one of them cannot take the others with it. While another process holds the
 * write lock the turn waits on a timer, not in SQLite, which would stop the event loop.
 */
export interface Turn {
	/** Queues a transition, to be run inside the transaction of this turn. */
	commit<Result>(transition: () => Result): Promise<Result>;
	/** The next change number. Only inside a transition. */
	nextChange(): number;
	/** Notes what listeners will be told after the commit. Only inside a transition. */
	note(change: Change): void;
	/** Runs a part of a transition that writes before it may refuse: a refusal takes back what it wrote. */
	guard<Result>(part: () => Result): Result;
	/** Resolves when everything queued so far is committed or refused. */
	settled(): Promise<void>;
	/** Rejects what is called from now on. */
	close(error: Error): void;
}

interface Queued {
	readonly transition: () => unknown;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
}

/** Above this many transitions the rest waits for the next turn, so that other work is not held up for long. */
const mostPerTurn = 600;
/** How long a turn keeps asking for the write lock before its callers are told that the store is unavailable. */
const busyLimitMs = 5_000;

export interface TurnOptions {
	/** Called after each commit. */
	readonly onCommit: (changes: readonly Change[]) => void;
}

export function createTurn(db: DatabaseSync, options: TurnOptions): Turn {
	const begin = db.prepare("BEGIN IMMEDIATE");
	const commit = db.prepare("COMMIT");
	const readCounter = db.prepare("SELECT value FROM counters WHERE name = 'change'");
	const writeCounter = db.prepare("UPDATE counters SET value = ? WHERE name = 'change'");

	let queue: Queued[] = [];
	let isScheduled = false;
	let busySinceMs: number | undefined;
	let closed: Error | undefined;
	let change = 0;
	let changes: Change[] = [];

	function schedule(): void {
		if (isScheduled) return;
		isScheduled = true;
		setImmediate(flush);
	}

	function flush(): void {
		isScheduled = false;
		const batch = queue.length <= mostPerTurn ? queue : queue.slice(0, mostPerTurn);
		queue = queue.length <= mostPerTurn ? [] : queue.slice(mostPerTurn);
		if (batch.length === 0) return;
		try {
			begin.run();
		} catch (error) {
			waitForLock(batch, error);
			return;
		}
		busySinceMs = undefined;
		if (!run(batch) && batch.length > 1) for (const one of batch) runAlone(one);
		if (queue.length > 0) schedule();
	}

	/** One transaction for all. False when it was rolled back and each has to be tried alone. */
	function run(batch: readonly Queued[]): boolean {
		changes = [];
		const results: unknown[] = new Array(batch.length);
		const refusals: unknown[] = new Array(batch.length);
		try {
			change = (readCounter.get() as { value: number }).value;
			const before = change;
			for (let i = 0; i < batch.length; i++) {
				try {
					results[i] = (batch[i] as Queued).transition();
				} catch (error) {
					if (!isDarkroomError(error)) throw error;
					refusals[i] = error;
				}
			}
			if (change !== before) writeCounter.run(change);
			commit.run();
		} catch (error) {
			if (db.isTransaction) db.exec("ROLLBACK");
			if (batch.length > 1) return false;
			(batch[0] as Queued).reject(toStoreError(error));
			return true;
		}
		for (let i = 0; i < batch.length; i++) {
			const one = batch[i] as Queued;
			if (refusals[i] === undefined) one.resolve(results[i]);
			else one.reject(refusals[i]);
		}
		options.onCommit(changes);
		return true;
	}

	function runAlone(one: Queued): void {
		try {
			begin.run();
		} catch (error) {
			one.reject(toStoreError(error));
			return;
		}
		run([one]);
	}

	function waitForLock(batch: readonly Queued[], error: unknown): void {
		const nowMs = performance.now();
		busySinceMs ??= nowMs;
		if (isBusy(error) && nowMs - busySinceMs < busyLimitMs) {
			queue = [...batch, ...queue];
			isScheduled = true;
			setTimeout(flush, 3);
			return;
		}
		busySinceMs = undefined;
		for (const one of batch) one.reject(toStoreError(error));
		if (queue.length > 0) schedule();
	}

	function enqueue<Result>(transition: () => Result): Promise<Result> {
		if (closed) return Promise.reject(closed);
		schedule();
		return new Promise((resolve, reject) => {
			queue.push({ transition, resolve: resolve as (value: unknown) => void, reject });
		});
	}

	function guard<Result>(part: () => Result): Result {
		const noted = changes.length;
		db.exec("SAVEPOINT guarded");
		try {
			const result = part();
			db.exec("RELEASE guarded");
			return result;
		} catch (error) {
			db.exec("ROLLBACK TO guarded; RELEASE guarded");
			changes.length = noted;
			throw error;
		}
	}

	return {
		guard,
		commit: enqueue,
		nextChange: () => ++change,
		note: (noted) => changes.push(noted),
		settled: () => (closed || (queue.length === 0 && !isScheduled) ? Promise.resolve() : enqueue(() => {})),
		close(error) {
			closed = error;
		},
	};
}

import { DarkroomError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Change } from "../store.ts";
import { Answer } from "./answer.ts";
import { type Ask, type AskedRow, type Queued, type Sort, sorts } from "./ask.ts";
import { BlockedOwners } from "./blocked-owners.ts";
import type { Connections } from "./connection.ts";
import { hasSqlState, toStoreError } from "./errors.ts";
import type { Writer } from "./writer.ts";

/** Above this many transitions the rest waits for the next turn: a statement that takes long holds its owners' locks long. */
const mostPerTurn = 600;
/** Owners remembered at most, some MB. */
const mostRemembered = 50_000;

export interface TurnOptions {
	readonly connections: Connections;
	readonly writer: Writer;
	/** Names this process to the others. */
	readonly sender: string;
	readonly named: (sql: string) => string;
	readonly onCommit: (committed: Committed) => void;
	/** Told of each transition that was refused, and has to answer it. */
	readonly onRefused: (refused: Queued, refusal: unknown) => void;
	/** A connection was lost: what it was asked may have been done, without anyone here hearing of it. */
	readonly onLost: () => void;
	readonly logger: Logger;
}

/** What is told after each commit. */
export interface Committed {
	readonly changes: readonly Change[];
	readonly transitions: number;
	/** From sending to the answer, in ms. */
	readonly durationMs: number;
}

/**
 * Transitions asked for in one turn of the event loop go to the server together: one statement, one transaction, one
 * round trip, and each caller's promise resolves after the commit.
 *
 *     call ── queue ──┐
 *     call ── queue ──┼─ end of turn ─ SELECT darkroom.turn(…) ─ commit ─ resolve all ─ tell listeners
 *     call ── queue ──┘                (while one is under way, the queue waits and grows)
 *
 * Refusals are in the answer. An error of the statement rolls all of it back; then each transition is tried alone, so
 * that one of them cannot take the others with it. A lost connection rejects all with `store_unavailable`. Where somebody
 * keeps an owner's lock, what concerns that owner waits (blocked-owners.ts) and the rest is sent again without it.
 */
export class Turn {
	readonly #options: TurnOptions;
	readonly #flush = () => this.#send();
	readonly #blocked: BlockedOwners;
	/** Owners who have an account, as far as was seen here. */
	readonly #opened = new Set<string>();
	#queue: Queued[] = [];
	#isScheduled = false;
	#isUnderWay = false;
	#closed: DarkroomError | undefined;
	#onIdle: (() => void) | undefined;

	constructor(options: TurnOptions) {
		this.#options = options;
		const { connections, named, logger } = options;
		this.#blocked = new BlockedOwners({ connections, named, logger, onFree: (ready) => this.#queueAgain(ready) });
	}

	ask<Result>(ask: Ask<Result>): Promise<Result> {
		if (this.#closed) return Promise.reject(this.#closed);
		return new Promise((resolve, reject) => {
			const queued: Queued = { ask, resolve: resolve as (result: unknown) => void, reject };
			if (this.#blocked.holds(queued)) return this.#blocked.add(queued);
			this.#queue.push(queued);
			this.#schedule();
		});
	}

	/** Resolves when everything asked so far is answered; what is asked from then on is rejected. */
	async close(error: DarkroomError): Promise<void> {
		this.#closed = error;
		this.#blocked.close(error);
		if (!this.#isUnderWay && this.#queue.length === 0) return;
		await new Promise<void>((resolve) => {
			this.#onIdle = resolve;
		});
	}

	#queueAgain(ready: readonly Queued[]): void {
		this.#queue.unshift(...ready);
		this.#schedule();
	}

	#schedule(): void {
		if (this.#isScheduled || this.#isUnderWay) return;
		this.#isScheduled = true;
		setImmediate(this.#flush);
	}

	#send(): void {
		this.#isScheduled = false;
		if (this.#queue.length === 0) return;
		const batch = this.#take();
		this.#isUnderWay = true;
		void this.#commit(batch).finally(() => {
			this.#isUnderWay = false;
			if (this.#queue.length > 0) this.#schedule();
			else this.#onIdle?.();
		});
		if (this.#queue.length > 0) this.#schedule();
	}

	/** The head of the queue, up to the first that cannot share a statement with those before it. */
	#take(): Queued[] {
		const keys = new Set<string>();
		let count = 0;
		for (const { ask } of this.#queue) {
			if (count === mostPerTurn || keys.has(ask.key)) break;
			keys.add(ask.key);
			count++;
		}
		return this.#queue.splice(0, count);
	}

	async #commit(batch: readonly Queued[]): Promise<void> {
		const startedAt = performance.now();
		let answers: Record<Sort, unknown>;
		try {
			answers = await this.#query(batch);
		} catch (error) {
			await this.#failed(batch, error);
			return;
		}
		const changes = settle(batch, answers, this.#options.onRefused);
		this.#options.onCommit({ changes, transitions: batch.length, durationMs: performance.now() - startedAt });
	}

	async #query(batch: readonly Queued[]): Promise<Record<Sort, unknown>> {
		const { writer, sender, named } = this.#options;
		const owners = new Set<string>();
		const rows: Partial<Record<Sort, AskedRow[]>> = {};
		for (const { ask } of batch) {
			for (const owner of ask.owners) owners.add(owner);
			const same = rows[ask.sort] ?? [];
			rows[ask.sort] = same;
			for (const row of ask.rows) {
				row.ord = same.length;
				same.push(row);
			}
		}
		const given = sorts.map((sort) => (rows[sort] ? JSON.stringify(rows[sort]) : null));
		this.#openAccounts(batch);
		const text = named("SELECT darkroom.turn($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS answer");
		const [row] = await writer.write<{ answer: string }>(text, [sender, [...owners], ...given]);
		return JSON.parse(row?.answer ?? "{}") as Record<Sort, unknown>;
	}

	/** Sent just before the turn, in the same round trip. Should it fail, so does the turn, or its submits are refused. */
	#openAccounts(batch: readonly Queued[]): void {
		const { writer, named } = this.#options;
		const fresh = new Set<string>();
		for (const { ask } of batch) {
			if (!ask.opens) continue;
			for (const owner of ask.owners) if (!this.#opened.has(owner)) fresh.add(owner);
		}
		if (fresh.size === 0) return;
		if (this.#opened.size > mostRemembered) this.#opened.clear();
		writer.write(named("SELECT darkroom.open_accounts($1)"), [[...fresh]]).then(
			() => {
				for (const owner of fresh) this.#opened.add(owner);
			},
			() => "the turn behind it tells",
		);
	}

	async #failed(batch: readonly Queued[], error: unknown): Promise<void> {
		// After the `lock_timeout` of `turn`.
		if (hasSqlState(error, "lock_not_available")) return this.#withoutBlocked(batch);
		const given = toStoreError(error);
		const isAway = given instanceof DarkroomError && given.code === "store_unavailable";
		if (isAway) this.#options.onLost();
		if (isAway || batch.length === 1) {
			for (const one of batch) one.reject(given);
			return;
		}
		for (const one of batch) await this.#commit([one]);
	}

	/** Somebody keeps an owner's lock: the others do not wait for that. */
	async #withoutBlocked(batch: readonly Queued[]): Promise<void> {
		try {
			const rest = await this.#blocked.sort(batch);
			if (rest.length > 0) await this.#commit(rest);
		} catch (error) {
			for (const one of batch) one.reject(toStoreError(error));
		}
	}
}

/** Resolves each or has it refused, in order. The result is what changed. */
function settle(batch: readonly Queued[], answers: Record<Sort, unknown>, refuse: TurnOptions["onRefused"]): Change[] {
	const changes: Change[] = [];
	const note = (change: Change) => changes.push(change);
	const bySort = new Map<Sort, { answer: Answer; next: number }>();
	for (const queued of batch) {
		const { ask, resolve } = queued;
		let of = bySort.get(ask.sort);
		if (!of) {
			of = { answer: new Answer(answers[ask.sort] ?? null), next: 0 };
			bySort.set(ask.sort, of);
		}
		const ord = of.next;
		of.next += ask.rows.length;
		try {
			resolve(ask.read(of.answer, ord, note));
		} catch (refusal) {
			refuse(queued, refusal);
		}
	}
	return changes;
}

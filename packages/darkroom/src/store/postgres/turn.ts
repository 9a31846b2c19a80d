import { DarkroomError } from "../../core/errors.ts";
import type { Change } from "../store.ts";
import { Answer } from "./answer.ts";
import type { Connections } from "./connection.ts";
import { toStoreError } from "./errors.ts";

/** Above this many transitions the rest waits for the next turn: a statement that takes long holds its owners' locks long. */
const mostPerTurn = 600;
/** Turns under way at once: while the server works on one, this process puts the next together. */
const mostUnderWay = 2;

/** Owners remembered at most, some MB. */
const mostRemembered = 50_000;

/** The sorts of transitions that share a turn; each is a parameter of `darkroom.turn` and a field of its answer. */
export const sorts = ["steps", "reports", "endings", "releases", "leases", "claims", "submissions"] as const;
export type Sort = (typeof sorts)[number];

/** What one caller asks of a turn. */
export interface Ask<Result> {
	readonly sort: Sort;
	/** Whose accounts are locked for it. */
	readonly owners: readonly string[];
	/** What a turn can hold but once, such as one step of one job: another ask with the same key waits for the next turn. */
	readonly key: string;
	/** Whether an account may have to be opened first. */
	readonly opens?: boolean;
	/** The rows that are sent; each gets its place among those of its sort as `ord`. */
	readonly rows: readonly object[];
	/** What the caller is told, from the answer to its sort. May throw a refusal. */
	read(answer: Answer, ord: number, note: (change: Change) => void): Result;
}

interface Queued {
	readonly ask: Ask<unknown>;
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: unknown) => void;
}

export interface TurnOptions {
	readonly connections: Connections;
	/** Names this process to the others. */
	readonly sender: string;
	readonly named: (sql: string) => string;
	readonly onCommit: (committed: Committed) => void;
	/** A connection was lost: what it was asked may have been done, without anyone here hearing of it. */
	readonly onLost: () => void;
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
 *     call ── queue ──┘                (while two are under way, the queue waits and grows)
 *
 * Refusals are in the answer. An error of the statement rolls all of it back; then each transition is tried alone, so
 * that one of them cannot take the others with it. A lost connection rejects all with `store_unavailable`.
 */
export class Turn {
	readonly #options: TurnOptions;
	readonly #flush = () => this.#send();
	/** Owners who have an account, as far as was seen here. */
	readonly #opened = new Set<string>();
	#queue: Queued[] = [];
	#isScheduled = false;
	#underWay = 0;
	#closed: DarkroomError | undefined;
	#onIdle: (() => void) | undefined;

	constructor(options: TurnOptions) {
		this.#options = options;
	}

	ask<Result>(ask: Ask<Result>): Promise<Result> {
		if (this.#closed) return Promise.reject(this.#closed);
		this.#schedule();
		return new Promise((resolve, reject) => {
			this.#queue.push({ ask, resolve: resolve as (result: unknown) => void, reject });
		});
	}

	/** Resolves when everything asked so far is answered; what is asked from then on is rejected. */
	async close(error: DarkroomError): Promise<void> {
		this.#closed = error;
		if (this.#underWay === 0 && this.#queue.length === 0) return;
		await new Promise<void>((resolve) => {
			this.#onIdle = resolve;
		});
	}

	#schedule(): void {
		if (this.#isScheduled || this.#underWay >= mostUnderWay) return;
		this.#isScheduled = true;
		setImmediate(this.#flush);
	}

	#send(): void {
		this.#isScheduled = false;
		if (this.#queue.length === 0) return;
		const batch = this.#take();
		this.#underWay++;
		void this.#commit(batch).finally(() => {
			this.#underWay--;
			if (this.#queue.length > 0) this.#schedule();
			else if (this.#underWay === 0) this.#onIdle?.();
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
		const changes = settle(batch, answers);
		this.#options.onCommit({ changes, transitions: batch.length, durationMs: performance.now() - startedAt });
	}

	async #query(batch: readonly Queued[]): Promise<Record<Sort, unknown>> {
		const { connections, sender, named } = this.#options;
		const owners = new Set<string>();
		const rows: Partial<Record<Sort, object[]>> = {};
		for (const { ask } of batch) {
			for (const owner of ask.owners) owners.add(owner);
			const same = rows[ask.sort] ?? [];
			rows[ask.sort] = same;
			for (const row of ask.rows) same.push(numbered(row, same.length));
		}
		const given = sorts.map((sort) => (rows[sort] ? JSON.stringify(rows[sort]) : null));
		this.#openAccounts(batch);
		const text = named("SELECT darkroom.turn($1, $2, $3, $4, $5, $6, $7, $8, $9) AS answer");
		const [row] = await connections.write<{ answer: string }>(text, [sender, [...owners], ...given]);
		return JSON.parse(row?.answer ?? "{}") as Record<Sort, unknown>;
	}

	/** Sent just before the turn, in the same round trip. Should it fail, so does the turn, or its submits are refused. */
	#openAccounts(batch: readonly Queued[]): void {
		const { connections, named } = this.#options;
		const fresh = new Set<string>();
		for (const { ask } of batch) {
			if (!ask.opens) continue;
			for (const owner of ask.owners) if (!this.#opened.has(owner)) fresh.add(owner);
		}
		if (fresh.size === 0) return;
		if (this.#opened.size > mostRemembered) this.#opened.clear();
		connections.write(named("SELECT darkroom.open_accounts($1)"), [[...fresh]]).then(
			() => {
				for (const owner of fresh) this.#opened.add(owner);
			},
			() => "the turn behind it tells",
		);
	}

	async #failed(batch: readonly Queued[], error: unknown): Promise<void> {
		const given = toStoreError(error);
		const isAway = given instanceof DarkroomError && given.code === "store_unavailable";
		if (isAway) this.#options.onLost();
		if (isAway || batch.length === 1) {
			for (const one of batch) one.reject(given);
			return;
		}
		for (const one of batch) await this.#commit([one]);
	}
}

/** Resolves and rejects each, in order. The result is what changed. */
function settle(batch: readonly Queued[], answers: Record<Sort, unknown>): Change[] {
	const changes: Change[] = [];
	const note = (change: Change) => changes.push(change);
	const bySort = new Map<Sort, { answer: Answer; next: number }>();
	for (const { ask, resolve, reject } of batch) {
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
			reject(refusal);
		}
	}
	return changes;
}

/** A row as it is sent: with its place among those of its sort. */
export function numbered(row: object, ord: number): object {
	return { ord, ...row };
}

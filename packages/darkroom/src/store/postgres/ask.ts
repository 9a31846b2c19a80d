import type { Change, Lease } from "../store.ts";
import type { Answer } from "./answer.ts";

/** The sorts of transitions that share a turn; each is a parameter of `darkroom.turn` and a field of its answer. */
export const sorts = ["steps", "reports", "endings", "releases", "leases", "begins", "claims", "submissions"] as const;
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
	/** Whether it is told at once, and waits for nothing, where somebody keeps an owner's lock. */
	readonly isImpatient?: boolean;
	/** Set where a worker asks: its lease, and the same asked for a job that has become another owner's. */
	readonly lease?: Lease;
	readonly asOwner?: (owner: string) => Ask<Result>;
	/** The rows that are sent. */
	readonly rows: readonly AskedRow[];
	/** What the caller is told, from the answer to its sort. May throw a refusal. */
	read(answer: Answer, ord: number, note: (change: Change) => void): Result;
}

export interface Queued {
	readonly ask: Ask<unknown>;
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: unknown) => void;
}

/** A row as it is sent. */
export interface AskedRow {
	/** Its place among those of its sort: 0 until the turn is put together. */
	ord: number;
	readonly [column: string]: unknown;
}

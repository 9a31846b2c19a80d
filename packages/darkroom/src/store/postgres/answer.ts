import type { JobStatus } from "../../core/status.ts";
import type { Change } from "../store.ts";

/** A job that waits for a worker now, because a place of its owner came free. */
export interface Woken {
	readonly owner: string;
	readonly id: string;
	readonly kind: string;
	readonly change: number;
}

export function wokenChange({ owner, id, kind, change }: Woken): Change {
	return { owner, jobId: id, change, kind, status: "queued", claimable: true };
}

/** The active job of a subject that was cleared, by its owner or, being stale, for a new one. */
export interface Cleared {
	readonly id: string;
	readonly kind: string;
	readonly token: string | null;
	readonly change: number;
	readonly woken: readonly Woken[];
}

/** A change as `sweep` and `transfer_owner` tell it. */
export interface Told {
	readonly owner: string;
	readonly id: string;
	readonly kind: string;
	readonly status: JobStatus;
	readonly change: number;
	readonly ended?: boolean;
	/** The lease that was taken away. */
	readonly token?: string | null;
	/** The lease that goes on, of a job that has become this owner's. */
	readonly moved?: string | null;
	readonly claimable?: boolean;
}

export function toldChange({ owner, id: jobId, kind, status, change, ended, token, moved, claimable }: Told): Change {
	const revokedLeaseToken = token ?? null;
	return {
		owner,
		jobId,
		change,
		kind,
		status,
		hasEnded: ended ?? false,
		revokedLeaseToken,
		movedLeaseToken: moved ?? null,
		claimable: claimable ?? false,
	};
}

/** What SQL says of one of many: first its place among what was asked. */
export type Numbered = readonly [ord: number, ...rest: unknown[]];

/** The answer to one sort of transitions of a turn. */
export class Answer {
	readonly value: unknown;
	#byOrd: Map<number, Numbered> | undefined;
	#isTaken = false;

	constructor(value: unknown) {
		this.value = value;
	}

	/** What is said of one; undefined where it was refused. `items` finds the list, which is gone through once for all. */
	find<Item extends Numbered>(ord: number, items: (value: unknown) => readonly Item[] | null | undefined) {
		this.#byOrd ??= new Map((items(this.value) ?? []).map((item) => [item[0], item]));
		return this.#byOrd.get(ord) as Item | undefined;
	}

	/** What is told once for all of them: to the first who asks. */
	takeOnce<Rest>(rest: (value: unknown) => readonly Rest[]): readonly Rest[] {
		if (this.#isTaken) return [];
		this.#isTaken = true;
		return rest(this.value);
	}
}

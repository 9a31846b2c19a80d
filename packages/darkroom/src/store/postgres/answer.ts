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

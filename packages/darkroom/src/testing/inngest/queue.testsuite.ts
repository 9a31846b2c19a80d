import type { Run } from "./run.testsuite.ts";

/** A call to be made: the function as a whole (`step`), or one step of several that were planned. */
export interface Work {
	readonly run: Run;
	/** `step`, or the id of the planned step that is to run. */
	readonly stepId: string;
	/** Counted from 0. */
	readonly attempt: number;
	/** One for each piece of work; it stays the same when it is tried again. */
	readonly queueItemId: string;
	/** How often it was called before. */
	readonly generation: number;
	/** By which it is picked: when it was queued, less its priority. */
	readonly rank: number;
}

/** What can be called now, under the limits of concurrency: these count calls that are made, not runs. */
export class Queue {
	/** Which is picked where several could be. */
	order: "oldest-first" | "newest-first" = "oldest-first";
	/** Sorted by rank. */
	#ready: Work[] = [];
	readonly #made = new Map<Work, readonly string[]>();
	readonly #taken = new Map<string, number>();

	add(work: Work): void {
		const before = this.#ready.findLastIndex(({ rank }) => rank <= work.rank);
		this.#ready.splice(before + 1, 0, work);
	}

	/** The next that there is room for; its places are taken until `release`. */
	take(): Work | undefined {
		const hasRoom = (work: Work) => this.#hasRoom(work.run);
		const work = this.order === "oldest-first" ? this.#ready.find(hasRoom) : this.#ready.findLast(hasRoom);
		if (!work) return undefined;
		this.#ready.splice(this.#ready.indexOf(work), 1);
		const places = placesOf(work.run);
		this.#made.set(work, places);
		this.#count(places, 1);
		return work;
	}

	release(work: Work): void {
		this.#count(this.#made.get(work) ?? [], -1);
		this.#made.delete(work);
	}

	/** The run is over: what was to be called is not, and what is being called takes no place any more. */
	drop(run: Run): void {
		this.#ready = this.#ready.filter((work) => work.run !== run);
		for (const work of [...this.#made.keys()].filter((one) => one.run === run)) this.release(work);
	}

	#hasRoom(run: Run): boolean {
		const places = placesOf(run);
		return run.fn.concurrency.every(
			({ limit }, at) => limit === 0 || (this.#taken.get(places[at] as string) ?? 0) < limit,
		);
	}

	#count(places: readonly string[], change: 1 | -1): void {
		for (const place of places) this.#taken.set(place, (this.#taken.get(place) ?? 0) + change);
	}
}

/** One for each limit of its function. */
function placesOf({ fn, event }: Run): string[] {
	return fn.concurrency.map(({ scope, key }, at) => JSON.stringify([scope, at, key({ event })]));
}

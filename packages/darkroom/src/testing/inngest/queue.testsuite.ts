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
	readonly #ready: Work[] = [];
	readonly #made = new Map<Work, readonly string[]>();

	add(work: Work): void {
		this.#ready.push(work);
	}

	/** The next that there is room for; its place is taken until `release`. */
	take(): Work | undefined {
		const sorted = [...this.#ready].sort((a, b) => a.rank - b.rank);
		if (this.order === "newest-first") sorted.reverse();
		const work = sorted.find((one) => this.#hasRoom(one.run));
		if (!work) return undefined;
		this.#ready.splice(this.#ready.indexOf(work), 1);
		this.#made.set(work, placesOf(work.run));
		return work;
	}

	release(work: Work): void {
		this.#made.delete(work);
	}

	/** The run is over: what was to be called is not, and what is being called takes no place any more. */
	drop(run: Run): void {
		for (const work of this.#ready.filter((one) => one.run === run)) this.#ready.splice(this.#ready.indexOf(work), 1);
		for (const work of this.#made.keys()) if (work.run === run) this.#made.delete(work);
	}

	#hasRoom(run: Run): boolean {
		const taken = [...this.#made.values()].flat();
		const places = placesOf(run);
		return run.fn.concurrency.every(
			({ limit }, at) => limit === 0 || taken.filter((place) => place === places[at]).length < limit,
		);
	}
}

function placesOf({ fn, event }: Run): string[] {
	return fn.concurrency.map(({ scope, key }, at) => JSON.stringify([scope, at, key({ event })]));
}

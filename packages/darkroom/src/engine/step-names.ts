import type { Step } from "../core/job.ts";

const none: ReadonlyMap<string, Step> = new Map();
const noPlaces: ReadonlySet<number> = new Set();

/** Names and places of an attempt's steps: the code finds its steps in the same order each time, and so finds what was kept of them. */
export class StepNames {
	/** Of earlier attempts; most jobs have none. */
	readonly #kept: ReadonlyMap<string, Step>;
	/** Places of what earlier attempts kept. */
	readonly #taken: ReadonlySet<number>;
	readonly #names = new Map<string, number>();
	/** Places of items of a map that are not begun yet. */
	#reserved: Map<string, number> | undefined;
	/** Steps that the code has found so far, with those that are kept. */
	#found = 0;

	constructor(steps: readonly Step[]) {
		this.#kept = steps.length === 0 ? none : new Map(steps.map((step) => [step.name, step]));
		this.#taken = steps.length === 0 ? noPlaces : new Set(steps.map(({ position }) => position));
	}

	kept(unique: string): Step | undefined {
		return this.#kept.get(unique);
	}

	/** Counted on past names that are taken: `draw:2` may be an item of a map, or a name that the code chose itself. */
	unique(name: string): string {
		let count = (this.#names.get(name) ?? 0) + 1;
		let unique = name;
		if (count > 1) {
			while (this.#names.has(`${name}:${count}`)) count++;
			unique = `${name}:${count}`;
			this.#names.set(unique, 1);
		}
		this.#names.set(name, count);
		return unique;
	}

	/** For a step that the code has found now and may begin later. */
	reserve(unique: string): void {
		this.#reserved ??= new Map();
		this.#reserved.set(unique, this.#kept.has(unique) ? this.#found++ : this.#next());
	}

	/** A step keeps its place; a new one has the number by which the code finds it, unless that is taken. */
	placeOf(unique: string, kept: Step | undefined): number {
		const reserved = this.#reserved?.get(unique);
		if (!kept) return reserved ?? this.#next();
		if (reserved === undefined) this.#found++;
		return kept.position;
	}

	#next(): number {
		while (this.#taken.has(this.#found)) this.#found++;
		return this.#found++;
	}
}

/**
 * All the chance of a test, from its seed: whatever is not decided by the code under test is decided here, so that a run
 * which failed can be had again. The generator is sfc32 (Chris Doty-Humphrey, PractRand).
 */
export class Chance {
	#a: number;
	#b: number;
	#c: number;
	#counter = 1;

	constructor(seed: number) {
		this.#a = seed | 0;
		this.#b = Math.floor(seed / 2 ** 32) | 0;
		this.#c = 0x9e3779b9 | 0;
		// Neighbouring seeds begin alike; after these rounds nothing is left of it.
		for (let round = 0; round < 15; round++) this.next();
	}

	/** 32 bits. */
	next(): number {
		const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
		this.#counter = (this.#counter + 1) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
		return result >>> 0;
	}

	/** In [0, 1). */
	real(): number {
		return this.next() / 2 ** 32;
	}

	/** A whole number from 0 to `count - 1`. */
	below(count: number): number {
		return Math.floor(this.real() * count);
	}

	/** A whole number, both ends included. */
	between(least: number, most: number): number {
		return least + this.below(most - least + 1);
	}

	is(probability: number): boolean {
		return this.real() < probability;
	}

	pick<Value>(values: readonly Value[]): Value {
		return values[this.below(values.length)] as Value;
	}

	/** One of the names, as often as its weight says. */
	weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
		const names = Object.keys(weights) as Name[];
		let rest = this.real() * names.reduce((sum, name) => sum + weights[name], 0);
		for (const name of names) {
			rest -= weights[name];
			if (rest < 0) return name;
		}
		return names[0] as Name;
	}

	fill(bytes: Uint8Array): void {
		for (let i = 0; i < bytes.length; i++) bytes[i] = this.next();
	}
}

/**
 * Chance that is always the same for the same words, so that placeholder models answer a repeated question
 * alike: tests can compare, and a step that is tried again makes the picture it would have made.
 */
export interface Dice {
	/** In [0, 1). */
	next(): number;
	/** In [from, to). */
	between(from: number, to: number): number;
	/** @param items at least one */
	pick<Item>(items: readonly Item[]): Item;
}

/** FNV-1a over UTF-16 units, 32 bits. Not for secrets. */
export function hashText(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	}
	return hash >>> 0;
}

/** The same over bytes; a megabyte takes a few milliseconds. */
export function hashBytes(bytes: Uint8Array): number {
	let hash = 0x811c9dc5;
	for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
	return hash >>> 0;
}

/** mulberry32: small, fast, and even enough for drawing. */
export function createDice(seed: number): Dice {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		between: (from, to) => from + next() * (to - from),
		pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
	};
}

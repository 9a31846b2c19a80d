import type { Kind, Order } from "./jobs.testsuite.ts";

/** One request of one owner. */
export interface Ordered {
	readonly owner: string;
	readonly kind: Kind;
	readonly order: Order;
}

export const owners = ["ada", "grace", "edsger", "poor"];
/** Most often what has to wait for others of its owner. */
const usualKinds: readonly Kind[] = ["picture", "nails", "nails", "story", "cover"];

export type Random = () => number;

/** An order that may fail, be flaky, be refused in part, or be in the way of another. */
export function newOrder(random: Random, key: string, kind = pick(random, usualKinds)): Ordered {
	const refused = kind === "story" ? Math.floor(random() * 3) : 0;
	const canFail = kind !== "late" && kind !== "photo";
	const order = {
		key,
		fails: canFail && random() < 0.15,
		flaky: random() < 0.2,
		refused,
		cover: Math.floor(random() * 3),
	};
	return { owner: pick(random, owners), kind, order };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
	return items[Math.floor(random() * items.length)] as Item;
}

/** mulberry32: small, and the same for the same seed. */
export function randomFrom(seed: number): Random {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

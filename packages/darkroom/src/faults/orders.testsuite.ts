import type { Chance } from "../testing/chance.testsuite.ts";
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

/** An order that may fail, be flaky, be refused in part, or be in the way of another. */
export function newOrder(chance: Chance, key: string, kind = chance.pick(usualKinds)): Ordered {
	const canFail = kind !== "late" && kind !== "photo";
	const order = {
		key,
		refused: kind === "story" ? chance.below(3) : 0,
		fails: canFail && chance.is(0.15),
		flaky: chance.is(0.2),
		cover: chance.below(3),
	};
	return { owner: chance.pick(owners), kind, order };
}

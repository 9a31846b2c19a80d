import type { Store } from "../../store/store.ts";

/** More than what happens between two calls of a store takes, from the answer to one to the next. */
const quietTurns = 12;

/** Calls of the stores of this file's tests that are not answered yet. */
let onTheWay = 0;
let answers = 0;
let onAnswer: (() => void)[] = [];

/** So many turns of the event loop. */
export async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * @param turnsOfQuiet Default: more than a call of a store takes. More where other things are on the way as well.
 *
 * Lets everything go as far as it comes without time moving: until no store has anything left to answer, and the answers
 * have led to no other call. A database on a server takes as long as it takes.
 */
export async function settle(turnsOfQuiet = quietTurns): Promise<void> {
	for (let quiet = 0; quiet < turnsOfQuiet; ) {
		const before = answers;
		if (onTheWay > 0) await new Promise<void>((resolve) => onAnswer.push(resolve));
		else await turns(1);
		// A database in this process may have been asked and have answered within the turn.
		quiet = answers === before ? quiet + 1 : 0;
	}
}

/** The same store, whose calls are waited for by `settle`. */
export function awaited(store: Store): Store {
	const methods = Object.entries(store).map(([name, method]) => [name, isMethod(method) ? noted(method) : method]);
	return Object.fromEntries(methods) as Store;
}

type Method = (...given: unknown[]) => unknown;

function isMethod(value: unknown): value is Method {
	return typeof value === "function";
}

function noted(method: Method): Method {
	return (...given) => {
		const result = method(...given);
		if (!(result instanceof Promise)) return result;
		onTheWay++;
		result.then(answered, answered);
		return result;
	};
}

/** How many calls of stores have been answered: who sees it unchanged knows that nothing has come of anything. */
export function answersSoFar(): number {
	return answers;
}

function answered(): void {
	onTheWay--;
	answers++;
	const waiting = onAnswer;
	onAnswer = [];
	for (const resolve of waiting) resolve();
}

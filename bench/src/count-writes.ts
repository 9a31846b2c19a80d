import type { Store } from "darkroom";

/** What the way of a job that does not fail writes; everything else reads, or is for other ways. */
const transitions = [
	"submitJob",
	"takeDispatches",
	"beginRun",
	"extendLeases",
	"startStep",
	"completeStep",
	"reportProgress",
	"completeJob",
];

/** The store, and how often each of its transitions has been asked for. */
export function countWrites(own: Store): { readonly store: Store; readonly writes: ReadonlyMap<string, number> } {
	const writes = new Map<string, number>(transitions.map((name) => [name, 0]));
	const store = new Proxy(own, {
		get(target, name) {
			const value: unknown = Reflect.get(target, name);
			if (typeof value !== "function") return value;
			return (...args: unknown[]) => {
				const before = writes.get(String(name));
				if (before !== undefined) writes.set(String(name), before + 1);
				return value.apply(target, args);
			};
		},
	});
	return { store, writes };
}

import { DarkroomError } from "../../core/errors.ts";
import type { Store } from "../../store/store.ts";

const news = ["open", "close", "onChange", "onElsewhere"];

/** A store that answers, until it is told to refuse at once, as a server that is down does. */
export class RefusingStore {
	isAway = false;
	readonly #refuses: (name: string) => boolean;
	/** What was asked while it was away, in order. */
	readonly asked: string[] = [];

	/** @param methods those it refuses; default: all */
	constructor(methods?: readonly (keyof Store)[]) {
		this.#refuses = (name) => methods === undefined || methods.some((one) => one === name);
	}

	/** For `OpenOptions.store`. */
	readonly between = (own: Store): Store => {
		const methods = Object.entries(own).map(([name, method]) => [name, this.#refusing(name, method)]);
		return Object.fromEntries(methods) as Store;
	};

	#refusing(name: string, method: unknown): unknown {
		if (typeof method !== "function" || news.includes(name) || !this.#refuses(name)) return method;
		return (...given: unknown[]) => {
			if (!this.isAway) return method(...given);
			this.asked.push(name);
			return Promise.reject(new DarkroomError("store_unavailable", { detail: "Away." }));
		};
	}
}

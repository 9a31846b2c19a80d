/**
 * A value that can be subscribed to, in the shape that React's `useSyncExternalStore` wants; it needs no React.
 * It works only while somebody listens: `start` runs with the first listener and `stop` after the last, so that
 * nothing is asked for, and nothing is told, once a page no longer shows it.
 */
export abstract class Observable<State extends object> {
	readonly #listeners = new Set<() => void>();
	#state: State;
	readonly #initial: State;

	constructor(initial: State) {
		this.#state = initial;
		this.#initial = initial;
	}

	/** Calls `listener` after each change; the result ends it. */
	readonly subscribe = (listener: () => void): (() => void) => {
		// A wrapper of its own, so that the same function subscribed twice is two listeners.
		const entry = () => listener();
		this.#listeners.add(entry);
		if (this.#listeners.size === 1) this.start();
		return () => {
			if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.stop();
		};
	};

	/** The same object until something changes. */
	readonly getSnapshot = (): State => this.#state;

	/** What a server renders, and a browser until it has taken over: what is known before anything was asked. */
	readonly getServerSnapshot = (): State => this.#initial;

	/** Called with the first listener. Default: nothing. */
	protected start(): void {}
	/** Called after the last listener has left. Default: nothing. */
	protected stop(): void {}

	/** Tells the listeners only when a field really is another. */
	protected update(fields: Partial<State>): void {
		const changed = (Object.keys(fields) as (keyof State)[]).some((key) => !Object.is(this.#state[key], fields[key]));
		if (!changed) return;
		this.#state = { ...this.#state, ...fields };
		for (const listener of [...this.#listeners]) listener();
	}
}

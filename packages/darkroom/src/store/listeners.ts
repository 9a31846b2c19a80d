export interface ListenersOptions {
	/** Given what a listener throws. Default: it is thrown in a microtask of its own. */
	readonly onError?: (error: unknown) => void;
}

/**
 * Who wants to hear of a store's news. It comes after a commit, in the midst of a store's own work, so what a listener
 * throws is its own trouble: the others are told, and the work goes on.
 */
export class Listeners<News> {
	readonly #listeners = new Set<(news: News) => void>();
	readonly #onError: (error: unknown) => void;

	constructor({ onError = throwByItself }: ListenersOptions = {}) {
		this.#onError = onError;
	}

	get size(): number {
		return this.#listeners.size;
	}

	/** From now on it is told. Returns the way to stop it. */
	add(listener: (news: News) => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** Tells each, in the order in which they came. */
	tell(news: News): void {
		for (const listener of this.#listeners) {
			try {
				listener(news);
			} catch (error) {
				this.#onError(error);
			}
		}
	}
}

function throwByItself(error: unknown): void {
	queueMicrotask(() => {
		throw error;
	});
}

import type { DatabaseSync } from "node:sqlite";
import type { Elsewhere } from "../store.ts";

/** SQLite tells that another connection has committed, not what. */
const anything: Elsewhere = { owners: null, claimable: true, revokedLeaseTokens: null };

/**
 * News of other processes: SQLite sends none, but `PRAGMA data_version` moves with every commit of another connection and
 * with none of this one's. Each transaction here looks at it, and while someone listens it is asked now and then, which
 * takes some microseconds.
 */
export class ElsewhereNews {
	readonly #askEveryMs: number | null;
	readonly #listeners = new Set<(news: Elsewhere) => void>();
	#timer: NodeJS.Timeout | undefined;
	#readVersion: (() => number) | undefined;
	/** Of what the listeners were told. */
	#version = Number.NaN;

	constructor(askEveryMs: number | null) {
		this.#askEveryMs = askEveryMs;
	}

	/** From now on there is a database to ask. */
	attach(db: DatabaseSync): void {
		const statement = db.prepare("PRAGMA data_version");
		this.#readVersion = () => (statement.get() as { data_version: number }).data_version;
		this.#version = this.#readVersion();
	}

	detach(): void {
		this.#readVersion = undefined;
	}

	/** Whether another connection has committed what the listeners have not been told of. */
	get isBehind(): boolean {
		return this.#readVersion !== undefined && this.#readVersion() !== this.#version;
	}

	/** A version that was seen; tells the listeners where it is a new one. */
	saw(version: number): void {
		if (version === this.#version) return;
		this.#version = version;
		for (const listener of this.#listeners) listener(anything);
	}

	onElsewhere(listener: (news: Elsewhere) => void): () => void {
		this.#listeners.add(listener);
		if (this.#askEveryMs !== null) this.#timer ??= setInterval(() => this.#ask(), this.#askEveryMs).unref();
		return () => {
			this.#listeners.delete(listener);
			if (this.#listeners.size > 0) return;
			clearInterval(this.#timer);
			this.#timer = undefined;
		};
	}

	#ask(): void {
		if (this.#readVersion) this.saw(this.#readVersion());
	}
}

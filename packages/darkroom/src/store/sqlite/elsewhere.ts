import type { DatabaseSync } from "node:sqlite";
import type { Elsewhere } from "../store.ts";

/** How often it is asked whether another process has committed, in ms: a question of a few microseconds. */
const askEveryMs = 100;

/** SQLite tells that another connection has committed, not what. */
const anything: Elsewhere = { owners: null, claimable: true, revokedLeaseTokens: null };

/**
 * News of other processes: SQLite sends none, so while someone listens, `PRAGMA data_version` is asked, which moves
 * with every commit of another connection and with none of this one's.
 */
export class ElsewhereNews {
	readonly #listeners = new Set<(news: Elsewhere) => void>();
	#timer: NodeJS.Timeout | undefined;
	#readVersion: (() => number) | undefined;
	#version = Number.NaN;

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

	onElsewhere(listener: (news: Elsewhere) => void): () => void {
		this.#listeners.add(listener);
		this.#timer ??= setInterval(() => this.#ask(), askEveryMs).unref();
		return () => {
			this.#listeners.delete(listener);
			if (this.#listeners.size > 0) return;
			clearInterval(this.#timer);
			this.#timer = undefined;
		};
	}

	#ask(): void {
		if (!this.#readVersion) return;
		const version = this.#readVersion();
		if (version === this.#version) return;
		this.#version = version;
		for (const listener of this.#listeners) listener(anything);
	}
}

import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../core/logger.ts";
import { Listeners } from "../listeners.ts";
import { anything, type Elsewhere } from "../store.ts";

/**
 * News of other processes: SQLite sends none, but `PRAGMA data_version` moves with every commit of another connection and
 * with none of this one's. Each transaction here looks at it, and while someone listens it is asked now and then, which
 * takes some microseconds.
 */
export class ElsewhereNews {
	readonly #askEveryMs: number | null;
	readonly #logger: Logger;
	readonly #listeners = new Listeners<Elsewhere>();
	#timer: NodeJS.Timeout | undefined;
	#readVersion: (() => number) | undefined;
	#readMoved: (() => string[]) | undefined;
	/** Of what the listeners were told. */
	#version = Number.NaN;

	constructor(askEveryMs: number | null, logger: Logger) {
		this.#askEveryMs = askEveryMs;
		this.#logger = logger;
	}

	/** From now on there is a database to ask. */
	attach(db: DatabaseSync): void {
		const statement = db.prepare("PRAGMA data_version");
		this.#readVersion = () => (statement.get() as { data_version: number }).data_version;
		this.#version = this.#readVersion();
		this.#readMoved = movedOwners(db, this.#logger);
	}

	detach(): void {
		this.#readVersion = undefined;
		this.#readMoved = undefined;
	}

	/** Whether another connection has committed what the listeners have not been told of. */
	get isBehind(): boolean {
		return this.#readVersion !== undefined && this.#readVersion() !== this.#version;
	}

	/** A version that was seen; tells the listeners where it is a new one. */
	saw(version: number): void {
		if (version === this.#version) return;
		this.#version = version;
		// SQLite tells that another connection has committed, not what; only who was moved is looked up.
		const moved = this.#readMoved?.() ?? [];
		const news = moved.length === 0 ? anything : { ...anything, movedOwners: moved };
		this.#listeners.tell(news);
	}

	onElsewhere(listener: (news: Elsewhere) => void): () => void {
		const stop = this.#listeners.add(listener);
		if (this.#askEveryMs !== null) this.#timer ??= setInterval(() => this.#ask(), this.#askEveryMs).unref();
		return () => {
			stop();
			if (this.#listeners.size > 0) return;
			clearInterval(this.#timer);
			this.#timer = undefined;
		};
	}

	#ask(): void {
		if (this.#readVersion) this.saw(this.#readVersion());
	}
}

/** Each call gives those who were moved since the one before, in any process. */
function movedOwners(db: DatabaseSync, logger: Logger): () => string[] {
	const latest = db.prepare("SELECT coalesce(max(id), 0) AS id FROM transfers");
	const after = db.prepare("SELECT id, owner FROM transfers WHERE id > ? ORDER BY id");
	let { id: seen } = latest.get() as { id: number };
	return () => {
		try {
			const rows = after.all(seen) as { id: number; owner: string }[];
			seen = rows.at(-1)?.id ?? seen;
			return rows.map(({ owner }) => owner);
		} catch (error) {
			// News comes after a commit, which must not seem to have failed; the next look finds them.
			logger.warn({ err: error as Error }, "could not look who was moved");
			return [];
		}
	};
}

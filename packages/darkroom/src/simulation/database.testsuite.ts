import type { Defer } from "../core/clock.ts";
import type { Change, Elsewhere, Store } from "../store/store.ts";

/**
 * More processes than this never live at once: four begin, people stop eight at most and faults kill four, and those that
 * begin in their place may come before they are gone. One that is started anew takes another connection.
 */
const connectionCount = 16;

/**
 * A connection of a store whose turns end when they are told to. It outlives the processes that use it: between two
 * events nothing is under way in it, so a process that dies leaves nothing behind.
 */
export class Connection {
	readonly store: Store;
	/** Told of each commit, as the store's own listeners are. */
	onChange: (changes: readonly Change[]) => void = () => {};
	onElsewhere: (news: Elsewhere) => void = () => {};
	#deferred: (() => void)[] = [];

	constructor(connect: (defer: Defer) => Store) {
		this.store = connect((work) => void this.#deferred.push(work));
		this.store.onChange((changes) => this.onChange(changes));
		this.store.onElsewhere((news) => this.onElsewhere(news));
	}

	/** Commits what was asked for; a connection that has nothing to do is asked at no cost. */
	readonly endTurn = (): void => {
		while (this.#deferred.length > 0) {
			const work = this.#deferred;
			this.#deferred = [];
			for (const one of work) one();
		}
	};

	async close(): Promise<void> {
		const closed = this.store.close();
		this.endTurn();
		await closed;
	}
}

export interface EntrySums {
	readonly owner: string;
	readonly posted: number;
	readonly held: number;
}

export interface JobSums {
	readonly jobId: string;
	readonly posted: number;
	readonly held: number;
}

/** What a simulation asks of a database besides its store. */
export interface Backend {
	/** A new connection. */
	readonly connect: (defer: Defer) => Store;
	/** Everything as it was at first. */
	empty(): void;
	/** What the ledger's entries add up to, by owner, behind the store's back. */
	sumsByOwner(): readonly EntrySums[];
	/** The same by job, of those that are there. */
	sumsByJob(): readonly JobSums[];
	close(): void;
}

/** One database, emptied for each schedule, with the connections of all its processes. */
export class SimulatedDatabase {
	readonly backend: Backend;
	readonly connections: readonly Connection[];
	/** For those who look on, outside of every process. */
	readonly auditor: Connection;

	private constructor(backend: Backend) {
		this.backend = backend;
		this.auditor = new Connection(backend.connect);
		this.connections = Array.from({ length: connectionCount }, () => new Connection(backend.connect));
	}

	static async open(backend: Backend): Promise<SimulatedDatabase> {
		const database = new SimulatedDatabase(backend);
		for (const { store } of [database.auditor, ...database.connections]) await store.open();
		return database;
	}

	async close(): Promise<void> {
		for (const connection of [...this.connections, this.auditor]) await connection.close();
		this.backend.close();
	}
}

import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Defer, systemDefer } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { DatabaseLog } from "../database-log.ts";
import { Listeners } from "../listeners.ts";
import { storeClosed } from "../refusals.ts";
import type { Change, Elsewhere, Store, Submission, Submitted, Sweep, Swept } from "../store.ts";
import { createAssetRows } from "./assets.ts";
import { buildParts } from "./build-parts.ts";
import { createCheckpoints } from "./checkpoint.ts";
import { createClaims } from "./claim.ts";
import { createDispatches } from "./dispatches.ts";
import { ElsewhereNews } from "./elsewhere.ts";
import { toOpeningError, toStoreError } from "./errors.ts";
import { createFigures } from "./figures.ts";
import { Joined } from "./joined.ts";
import { makeFolder } from "./make-folder.ts";
import { migrate } from "./migrate.ts";
import { createOwnersRequests } from "./owners.ts";
import { createLeaseReads, createReads } from "./reads.ts";
import { RecentRows } from "./recent-rows.ts";
import { createRuns } from "./runs.ts";
import { createSteps } from "./steps.ts";
import { createSubmit } from "./submit.ts";
import { createSweep } from "./sweep.ts";
import { createTakeJob } from "./take.ts";
import { createTransfer } from "./transfer.ts";
import type { Committed } from "./turn.ts";
import { WorkerLocks } from "./worker-locks.ts";

/** Pages kept in memory, kB: enough for the trees that every transition touches. */
const cacheKb = 16_384;
/** How long a migration waits for another process that migrates, in ms. */
const migrationWaitMs = 5_000;

/** What a simulation decides by itself. */
export interface DatabaseOptions {
	/** What ends a turn of the event loop. Default: the machine's. */
	readonly defer?: Defer;
	/** How often it is asked whether another process has committed, in ms; null: only with each commit. Default 100. */
	readonly askEveryMs?: number | null;
}

/** The open database, with all that is prepared on it. Opened at its first use. */
export class Database {
	readonly #path: string;
	readonly #logger: Logger;
	readonly #log: DatabaseLog;
	readonly #listeners = new Listeners<readonly Change[]>();
	readonly #elsewhere: ElsewhereNews;
	readonly #defer: Defer;
	readonly #joined: Joined;
	#opened: Opened | undefined;
	#isClosed = false;
	#closing: Promise<void> | undefined;

	constructor(path: string, logger: Logger, { defer = systemDefer, askEveryMs = 100 }: DatabaseOptions = {}) {
		this.#path = path;
		this.#joined = new Joined(path);
		this.#elsewhere = new ElsewhereNews(askEveryMs, logger);
		this.#defer = defer;
		this.#logger = logger;
		this.#log = new DatabaseLog(logger);
	}

	/** A transition, in this turn's transaction. */
	commit<Value, Result>(transition: (opened: Opened) => (value: Value) => Result, value: Value): Promise<Result> {
		try {
			const opened = this.#use();
			return opened.turn.commit(transition(opened), value);
		} catch (error) {
			return Promise.reject(toStoreError(error));
		}
	}

	/** A submit inside a transaction that the app has begun on a connection of its own. */
	async submitWithin(client: unknown, submission: Submission): Promise<Submitted> {
		try {
			this.#use();
			return this.#joined.submit(client, submission);
		} catch (error) {
			throw toStoreError(error);
		}
	}

	/** As `read`, for what asks one question only, which is of one moment by itself. */
	async readOne<Result>(name: keyof Store, query: (opened: Opened) => Result): Promise<Result> {
		try {
			const opened = this.#use();
			if (!this.#log.isOn) return query(opened);
			const startedAt = performance.now();
			try {
				return query(opened);
			} finally {
				this.#log.ended("database read", startedAt, name);
			}
		} catch (error) {
			throw toStoreError(error);
		}
	}

	/** All that `query` asks is answered as of one moment, whatever another process commits meanwhile. `name` is for the log. */
	async read<Result>(name: keyof Store, query: (opened: Opened) => Result): Promise<Result> {
		try {
			const opened = this.#use();
			const startedAt = performance.now();
			opened.beginRead.run();
			try {
				return query(opened);
			} finally {
				if (opened.db.isTransaction) opened.endRead.run();
				this.#log.ended("database read", startedAt, name);
			}
		} catch (error) {
			throw toStoreError(error);
		}
	}

	/** A sweep that also ends the leases of workers whose process is gone. */
	async sweep(sweep: Sweep): Promise<Swept> {
		try {
			const { workers } = this.#use();
			const unlocked = workers.findUnlocked();
			const swept = await this.commit((opened) => opened.sweep, { ...sweep, unlocked });
			for (const worker of unlocked) workers.remove(worker);
			return swept;
		} catch (error) {
			throw toStoreError(error);
		}
	}

	leasePrefix(): string {
		try {
			return this.#use().workers.leasePrefix();
		} catch {
			// Whatever the token is for meets the same, and is refused.
			return "";
		}
	}

	onChange(listener: (changes: readonly Change[]) => void): () => void {
		return this.#listeners.add(listener);
	}

	onElsewhere(listener: (news: Elsewhere) => void): () => void {
		return this.#elsewhere.onElsewhere(listener);
	}

	close(): Promise<void> {
		this.#isClosed = true;
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		if (!this.#opened) return;
		const { db, turn, checkpoints, workers } = this.#opened;
		await turn.close(storeClosed());
		await checkpoints.close();
		this.#opened = undefined;
		this.#elsewhere.detach();
		db.close();
		workers.close();
	}

	#use(): Opened {
		if (this.#opened) return this.#opened;
		if (this.#isClosed) throw storeClosed();
		const tell = (committed: Committed) => this.#tell(committed);
		this.#opened = open(this.#path, { defer: this.#defer, elsewhere: this.#elsewhere, logger: this.#logger, tell });
		return this.#opened;
	}

	#tell({ changes, transitions, durationMs }: Committed): void {
		// A sweep that found nothing is no news.
		if (changes.length === 0) return;
		this.#log.committed(changes, transitions, durationMs);
		this.#listeners.tell(changes);
	}
}

type Opened = ReturnType<typeof open>;

function connect(path: string): DatabaseSync {
	if (isFile(path)) requireFolder(dirname(path));
	let db: DatabaseSync | undefined;
	try {
		db = new DatabaseSync(path, { timeout: migrationWaitMs });
		db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
		migrate(db);
		// From here on, waiting for the write lock is turn.ts's business, and copying the log checkpoint.ts's.
		db.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 0; PRAGMA cache_size = -${cacheKb}`);
	} catch (error) {
		// The next call tries again, on a connection of its own.
		db?.close();
		throw toOpeningError(error, path);
	}
	return db;
}

/** Not a URI, as a simulation uses for a database in memory, which no other process shares. */
function isFile(path: string): boolean {
	return path !== ":memory:" && !path.startsWith("file:");
}

function requireFolder(folder: string): void {
	try {
		makeFolder(folder);
	} catch (cause) {
		throw new DarkroomError("store_unavailable", {
			detail: `The database's folder ${folder} cannot be made. Check the path, and who may write there.`,
			cause,
		});
	}
}

interface OpenOptions {
	readonly defer: Defer;
	readonly elsewhere: ElsewhereNews;
	readonly logger: Logger;
	readonly tell: (committed: Committed) => void;
}

function open(path: string, { defer, elsewhere, logger, tell }: OpenOptions) {
	const db = connect(path);
	elsewhere.attach(db);
	const checkpoints = createCheckpoints(db, path, logger);
	const recent = new RecentRows(db, defer);
	const onCommit = (committed: Committed) => {
		checkpoints.committed();
		recent.forget(committed.changes);
		tell(committed);
		elsewhere.saw(committed.version);
	};
	const parts = buildParts(db, onCommit, defer);
	const { turn, leases, ledger, endings } = parts;
	const takeJob = createTakeJob(parts);
	const workers = new WorkerLocks(isFile(path) ? realpathSync(path) : null, logger);
	return {
		db,
		beginRead: db.prepare("BEGIN"),
		endRead: db.prepare("COMMIT"),
		turn,
		checkpoints,
		ledger,
		endings,
		submit: createSubmit(parts),
		claims: createClaims(parts, takeJob),
		dispatches: createDispatches(db),
		runs: createRuns(parts, takeJob),
		steps: createSteps(db, turn, leases),
		owners: createOwnersRequests(parts),
		workers,
		sweep: createSweep(parts, workers),
		transfer: createTransfer(parts),
		recent,
		reads: createReads(db, recent, elsewhere),
		leaseReads: createLeaseReads(db),
		figures: createFigures(db),
		assets: createAssetRows(db, leases),
	};
}

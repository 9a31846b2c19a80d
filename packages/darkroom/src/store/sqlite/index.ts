import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DarkroomError } from "../../core/errors.ts";
import type { Change, StepStart, Store } from "../store.ts";
import { createAssetRows } from "./assets.ts";
import { type Checkpoints, createCheckpoints } from "./checkpoint.ts";
import { createClaims } from "./claim.ts";
import { createEndings } from "./endings.ts";
import { toStoreError } from "./errors.ts";
import { createLedger } from "./ledger.ts";
import { migrate } from "./migrate.ts";
import { createOwnersRequests } from "./owners.ts";
import { createPlaces } from "./places.ts";
import { createReads } from "./reads.ts";
import { createSteps } from "./steps.ts";
import { createSubmit } from "./submit.ts";
import { createSweep } from "./sweep.ts";
import { createTransfer } from "./transfer.ts";
import { createTurn } from "./turn.ts";

/**
 * Rows in one SQLite file, through Node's own `node:sqlite`: write-ahead log, `synchronous=FULL`, so that what
 * is acknowledged survives a crash of the machine too. The transitions of a turn of the event loop share one
 * commit (turn.ts). The file and its folder are made when they are not there; nothing is opened before the
 * first use.
 * @param path of the database file, such as `./.data/darkroom.db`
 */
export function sqlite(path: string): Store {
	const listeners = new Set<(changes: readonly Change[]) => void>();
	let opened: Opened | undefined;
	let isClosed = false;

	function use(): Opened {
		if (opened) return opened;
		if (isClosed) throw new DarkroomError("stopped", { detail: "The store is closed." });
		opened = open(path, (changes) => {
			for (const listener of listeners) listener(changes);
		});
		return opened;
	}

	/** A transition, in this turn's transaction. */
	function commit<Result>(transition: (opened: Opened) => Result): Promise<Result> {
		try {
			const current = use();
			return current.turn.commit(() => transition(current));
		} catch (error) {
			return Promise.reject(toStoreError(error));
		}
	}

	/** A read of what is committed; between turns there is nothing else. */
	async function read<Result>(query: (opened: Opened) => Result): Promise<Result> {
		try {
			return query(use());
		} catch (error) {
			throw toStoreError(error);
		}
	}

	// Steps whose start waits for this turn's commit. One that ends in the same turn needs no row of its start.
	const starts = new Map<string, { isOver: boolean }>();
	const stepKey = (step: StepStart) => `${step.leaseToken}:${step.name}`;
	function overtake(step: StepStart): void {
		const start = starts.get(stepKey(step));
		if (start) start.isOver = true;
	}

	return {
		name: "sqlite",
		open: () => read(() => {}),
		async close() {
			isClosed = true;
			if (!opened) return;
			const { db, turn, checkpoints } = opened;
			await turn.settled();
			turn.close(new DarkroomError("stopped", { detail: "The store is closed." }));
			await checkpoints.close();
			opened = undefined;
			db.close();
		},
		submitJob: (submission) => commit((o) => o.submit(submission)),
		claimJobs: (claim) => commit((o) => o.claims.claim(claim)),
		extendLeases: (leases, leaseExpiresAt) => commit((o) => o.claims.extend(leases, leaseExpiresAt)),
		startStep(step) {
			const start = { step, isOver: false };
			starts.set(stepKey(step), start);
			return commit((o) => {
				starts.delete(stepKey(step));
				if (!start.isOver) o.steps.start(step);
			});
		},
		completeStep(step) {
			overtake(step);
			return commit((o) => o.steps.complete(step));
		},
		failStep(step) {
			overtake(step);
			return commit((o) => o.steps.fail(step));
		},
		reportProgress: (report) => commit((o) => o.steps.report(report)),
		releaseJob: (release) => commit((o) => o.claims.release(release)),
		completeJob: (completion) => commit((o) => o.endings.complete(completion)),
		failJob: (failure) => commit((o) => o.endings.fail(failure)),
		cancelJob: (request) => commit((o) => o.owners.cancel(request)),
		retryJob: (request) => commit((o) => o.owners.retry(request)),
		clearSubject: (request) => commit((o) => o.owners.clear(request)),
		deleteJob: (request) => commit((o) => o.owners.remove(request)),
		sweep: (sweep) => commit((o) => o.sweep(sweep)),
		readJob: (viewer, jobId) => read((o) => o.reads.job(viewer, jobId)),
		readJobs: (viewer, jobIds) => read((o) => o.reads.jobs(viewer, jobIds)),
		listJobs: (query) => read((o) => o.reads.list(query)),
		listChanges: (viewer, change, limit) => read((o) => o.reads.changes(viewer, change, limit)),
		readCursor: () => read((o) => o.reads.cursor()),
		readQueuePosition: (job) => read((o) => o.reads.queuePosition(job)),
		countActive: (viewer, kind) => read((o) => o.reads.countActive(viewer, kind)),
		listDurations: (kind, limit) => read((o) => o.reads.durations(kind, limit)),
		listSteps: (lease) => read((o) => o.reads.stepsOf(lease)),
		readBalance: (viewer) => read((o) => o.ledger.read(viewer)),
		grantCredits: ({ owner, amount, key, now }) =>
			commit((o) => {
				o.ledger.grant(owner, amount, key, now);
				return o.ledger.read(owner);
			}),
		listEntries: (viewer, limit) => read((o) => o.reads.entries(viewer, limit)),
		transferOwner: ({ from, to, now }) => commit((o) => o.transfer(from, to, now)),
		createAsset: (asset) => commit((o) => o.assets.create(asset)),
		readAsset: (viewer, assetId) => read((o) => o.assets.read(viewer, assetId)),
		keepAsset: (viewer, assetId, now) => commit((o) => o.assets.keep(viewer, assetId, now)),
		isAssetInUse: (viewer, assetId) => read((o) => o.assets.isInUse(viewer, assetId)),
		deleteAsset: (viewer, assetId) => commit((o) => o.assets.remove(viewer, assetId)),
		takeOrphanAssets: (createdBefore, limit) => commit((o) => o.assets.takeOrphans(createdBefore, limit)),
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

type Opened = ReturnType<typeof open>;

function open(path: string, tell: (changes: readonly Change[]) => void) {
	mkdirSync(dirname(path), { recursive: true });
	// Migrating waits for another process that migrates; after that, waiting is turn.ts's business.
	const db = new DatabaseSync(path, { timeout: 5_000 });
	db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
	migrate(db);
	// Checkpoints are checkpoint.ts's; 32 MB of pages is the cache that keeps the hot trees in memory.
	db.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 0; PRAGMA cache_size = -32768");

	const checkpoints: Checkpoints = createCheckpoints(db, path);
	const turn = createTurn(db, {
		onCommit(changes) {
			checkpoints.committed();
			if (changes.length > 0) tell(changes);
		},
	});
	const ledger = createLedger(db);
	const places = createPlaces(db, turn);
	const endings = createEndings(db, turn, ledger, places);
	return {
		db,
		turn,
		checkpoints,
		ledger,
		endings,
		submit: createSubmit(db, turn, ledger, places, endings),
		claims: createClaims(db, turn, ledger, places),
		steps: createSteps(db, turn),
		owners: createOwnersRequests(db, turn, ledger, places, endings),
		sweep: createSweep(db, turn, places, endings),
		transfer: createTransfer(db, turn, ledger),
		reads: createReads(db),
		assets: createAssetRows(db),
	};
}

import { type Logger, silentLogger } from "../../core/logger.ts";
import { type JobRow, toJob, toStep } from "../rows.ts";
import type { Claim, Claimed, Lease, Store } from "../store.ts";
import { createAssetRows } from "./assets.ts";
import { claims } from "./claim.ts";
import { Database } from "./database.ts";
import { endings } from "./endings.ts";
import { createLedger } from "./ledger.ts";
import { createOwnersRequests } from "./owners.ts";
import { createReads } from "./reads.ts";
import { createRuns } from "./runs.ts";
import { defaultSchema } from "./schema.ts";
import { steps } from "./steps.ts";
import { submit } from "./submit.ts";
import { createSweep } from "./sweep.ts";
import { mayTryAgain } from "./try-again.ts";

export interface PostgresOptions {
	/** Where all tables are. Made when it is not there. Default `darkroom`. */
	readonly schema?: string;
	/**
	 * Whether to hear of other processes' work by LISTEN. False behind a pooler in transaction mode, such as PgBouncer:
	 * then it is asked for. Default true.
	 */
	readonly listen?: boolean;
	/** Connections for reads; two that write and one that listens are beside them. Default 8. */
	readonly maxReaders?: number;
	/** How often to look for other processes' work, in ms. Default 1,000 without `listen`, 15,000 with it. */
	readonly pollEveryMs?: number;
	/** A line at `debug` for each commit and each query, with how long it took. Default: silent. */
	readonly logger?: Logger;
}

/**
 * Rows in Postgres (14 or later), through the package `pg`. Any number of processes may share one database; each hears at
 * once of what the others do. The transitions of a turn of the event loop share one round trip and one commit (turn.ts);
 * what is acknowledged is as durable as the server's `synchronous_commit` makes it. Nothing is connected before the
 * first use.
 * @param url `postgres://user:password@host:port/database`
 * @throws `misconfigured` for a schema's name that cannot be used
 */
export function postgres(url: string, options: PostgresOptions = {}): Store {
	const { schema = defaultSchema, listen = true, maxReaders = 8, logger = silentLogger } = options;
	const pollEveryMs = options.pollEveryMs ?? (listen ? 15_000 : 1_000);
	const findOwners: Store["findOwners"] = (leases) => parts.reads.owners(leases);
	const db = new Database({ url, schema, listens: listen, maxReaders, pollEveryMs, logger, findOwners });
	const parts = partsOf(db);
	return {
		name: "postgres",
		open: () => db.open(),
		close: () => db.close(),
		// Nothing tells whose connections were cut and who is dead.
		leasePrefix: () => "",
		onChange: (listener) => db.onChange(listener),
		onElsewhere: (listener) => db.onElsewhere(listener),
		...transitionsOf(db, parts),
		...readsOf(parts),
	};
}

/** What is no part of a turn: each a statement of its own. */
function partsOf(db: Database) {
	return {
		owners: createOwnersRequests(db.call),
		sweep: createSweep(db.call),
		ledger: createLedger(db.call, db.query),
		assets: createAssetRows(db.query),
		reads: createReads(db.query),
		runs: createRuns(db),
	};
}

type Parts = ReturnType<typeof partsOf>;

/** Each a transition: atomic, and durable when its promise resolves. */
function transitionsOf(db: Database, { owners, sweep, runs, ledger, assets, reads }: Parts) {
	return {
		submitJob: (submission, client) =>
			client === undefined ? db.commit(submit(submission)) : db.submitWithin(client, submission),
		claimJobs: (claim) => claimJobs(db, reads, claim),
		extendLeases: (leases, leaseExpiresAt) => extendLeases(db, reads, leases, leaseExpiresAt),
		startStep: (step) => db.commit(steps.start(step)),
		completeStep: (step) => db.commit(steps.complete(step)),
		failStep: (step) => db.commit(steps.fail(step)),
		reportProgress: (report) => db.commit(steps.report(report)),
		releaseJob: (release) => db.commit(claims.release(release)),
		completeJob: (completion) => db.commit(endings.complete(completion)),
		failJob: (failure) => db.commit(endings.fail(failure)),
		cancelJob: (request) => owners.cancel(request),
		retryJob: (request) => owners.retry(request),
		clearSubject: (request) => owners.clear(request),
		deleteJob: (request) => owners.remove(request),
		sweep: (given) => sweep(given),
		takeDispatches: (take) => runs.takeDispatches(take),
		beginRun: (begin) => runs.begin(begin),
		endRun: (end) => runs.end(end),
		grantCredits: (grant) => ledger.grant(grant),
		transferOwner: (transfer) => ledger.transfer(transfer),
		createAsset: (asset, lease) => assets.create(asset, lease),
		keepAsset: (viewer, assetId, now) => assets.keep(viewer, assetId, now),
		removeAsset: (viewer, assetId, now) => assets.remove(viewer, assetId, now),
		deleteAsset: (assetId) => assets.delete(assetId),
		takeOrphanAssets: (orphans) => assets.takeOrphans(orphans),
	} satisfies Partial<Store>;
}

/** Each is one statement, so of one moment. */
function readsOf({ reads, runs, ledger, assets }: Parts) {
	return {
		readJob: (viewer, jobId) => reads.job(viewer, jobId),
		listJobs: (query) => reads.list(query),
		listChanges: (viewer, change, limit) => reads.changes(viewer, change, limit),
		readCursor: (viewer) => reads.cursor(viewer),
		readQueuePosition: (job) => reads.queuePosition(job),
		countActive: (viewer, kind) => reads.countActive(viewer, kind),
		listDurations: (kind, limit) => reads.durations(kind, limit),
		readRun: (run) => runs.read(run),
		listSteps: (lease) => reads.stepsOf(lease),
		findOwners: (leases) => reads.owners(leases),
		readBalance: (viewer) => ledger.read(viewer),
		listEntries: (viewer, limit) => ledger.entries(viewer, limit),
		readAsset: (viewer, assetId) => assets.read(viewer, assetId),
		isAssetInUse: (viewer, assetId) => assets.isInUse(viewer, assetId),
	} satisfies Partial<Store>;
}

/** Again, where everything that waits is locked. What is claimed already waits for nothing. */
async function claimJobs(db: Database, reads: Parts["reads"], claim: Claim): Promise<Claimed[]> {
	for (let tries = 1; ; tries++) {
		const { rows, isMore } = await db.commit(claims.claim(claim));
		if (rows.length > 0) return withSteps(reads, rows);
		if (!isMore || !(await mayTryAgain(tries))) return [];
	}
}

/** Jobs that were claimed before bring what they have done by then. */
async function withSteps(reads: Parts["reads"], rows: readonly JobRow[]): Promise<Claimed[]> {
	const again = rows.filter((row) => row.claims > 1).map((row) => row.id);
	const done = again.length === 0 ? [] : await reads.steps(again);
	const stepsOf = Map.groupBy(done, (step) => step.job_id);
	return rows.map((row) => ({ job: toJob(row), steps: (stepsOf.get(row.id) ?? []).map(toStep) }));
}

/** Those that are lost under the owner whom their worker names may be another's by now, and are then extended as theirs. */
async function extendLeases(
	db: Database,
	reads: Parts["reads"],
	leases: readonly Lease[],
	leaseExpiresAt: number,
): Promise<string[]> {
	const lost = new Set(await extendNamed(db, leases, leaseExpiresAt));
	if (lost.size === 0) return [];
	const missed = leases.filter((lease) => lost.has(lease.leaseToken));
	const owners = await reads.owners(missed);
	const moved = missed.flatMap((lease) => {
		const owner = owners.get(lease.leaseToken);
		return owner === undefined || owner === lease.owner ? [] : [{ ...lease, owner }];
	});
	if (moved.length === 0) return [...lost];
	const gone = new Set(await extendNamed(db, moved, leaseExpiresAt));
	for (const { leaseToken } of moved) if (!gone.has(leaseToken)) lost.delete(leaseToken);
	return [...lost];
}

/**
 * Leases of an owner whose lock somebody keeps are neither extended nor lost: nobody else can take them away meanwhile, and
 * the next heartbeat extends them. Rejects where none could be asked after.
 */
async function extendNamed(db: Database, leases: readonly Lease[], leaseExpiresAt: number): Promise<string[]> {
	const byOwner = Map.groupBy(leases, (lease) => lease.owner);
	const asked = [...byOwner].map(([owner, theirs]) => db.commit(claims.extend(owner, theirs, leaseExpiresAt)));
	const answers = await Promise.allSettled(asked);
	const answered = answers.filter((answer) => answer.status === "fulfilled");
	const [first] = answers;
	if (answered.length === 0 && first?.status === "rejected") throw first.reason;
	return answered.flatMap((answer) => answer.value);
}

import type { Store } from "../store.ts";
import type { Database } from "./database.ts";

/** The interface's methods, each on its part of the database. */
export function storeOn(database: Database): Store {
	return {
		name: "sqlite",
		open: () => database.read("open", () => {}),
		close: () => database.close(),
		leasePrefix: () => database.leasePrefix(),
		onChange: (listener) => database.onChange(listener),
		onElsewhere: (listener) => database.onElsewhere(listener),
		...transitionsOf(database),
		...readsOf(database),
	};
}

/** Each a transition: atomic, and durable when its promise resolves. */
function transitionsOf(db: Database) {
	return {
		submitJob: (submission, client) =>
			client === undefined ? db.commit((o) => o.submit, submission) : db.submitWithin(client, submission),
		claimJobs: (claim) => db.commit((o) => o.claims.claim, claim),
		extendLeases: (leases, leaseExpiresAt) => db.commit((o) => o.claims.extend, { leases, leaseExpiresAt }),
		startStep: (step) => db.commit((o) => o.steps.start, step),
		completeStep: (step) => db.commit((o) => o.steps.complete, step),
		failStep: (step) => db.commit((o) => o.steps.fail, step),
		reportProgress: (report) => db.commit((o) => o.steps.report, report),
		releaseJob: (release) => db.commit((o) => o.claims.release, release),
		completeJob: (completion) => db.commit((o) => o.endings.complete, completion),
		failJob: (failure) => db.commit((o) => o.endings.fail, failure),
		cancelJob: (request) => db.commit((o) => o.owners.cancel, request),
		retryJob: (request) => db.commit((o) => o.owners.retry, request),
		clearSubject: (request) => db.commit((o) => o.owners.clear, request),
		deleteJob: (request) => db.commit((o) => o.owners.remove, request),
		sweep: (sweep) => db.sweep(sweep),
		takeDispatches: (take) => db.commit((o) => o.dispatches, take),
		beginRun: (begin) => db.commit((o) => o.runs.begin, begin),
		endRun: (end) => db.commit((o) => o.runs.end, end),
		grantCredits: (grant) => db.commit((o) => o.ledger.grant, grant),
		transferOwner: (transfer) => db.commit((o) => o.transfer, transfer),
		createAsset: (asset, lease) => db.commit((o) => o.assets.create, { asset, lease }),
		keepAsset: (viewer, assetId, now) => db.commit((o) => o.assets.keep, { viewer, assetId, now }),
		removeAsset: (viewer, assetId, now) => db.commit((o) => o.assets.remove, { viewer, assetId, now }),
		deleteAsset: (assetId) => db.commit((o) => o.assets.delete, assetId),
		takeOrphanAssets: (orphans) => db.commit((o) => o.assets.takeOrphans, orphans),
	} satisfies Partial<Store>;
}

/** Each sees what is committed; between turns there is nothing else. */
function readsOf(db: Database) {
	return {
		readJob: (viewer, jobId) => db.readOne("readJob", (o) => o.reads.job(viewer, jobId)),
		listJobs: (query) => db.read("listJobs", (o) => o.reads.list(query)),
		listChanges: (viewer, change, limit, among) =>
			db.read("listChanges", (o) => o.reads.changes(viewer, change, limit, among)),
		readCursor: () => db.read("readCursor", (o) => o.figures.cursor()),
		readQueuePosition: (job) => db.read("readQueuePosition", (o) => o.figures.queuePosition(job)),
		countActive: (viewer, kind) => db.read("countActive", (o) => o.figures.countActive(viewer, kind)),
		listDurations: (kind, limit) => db.read("listDurations", (o) => o.figures.durations(kind, limit)),
		readRun: (run) => db.read("readRun", (o) => o.runs.read(run)),
		listSteps: (lease) => db.read("listSteps", (o) => o.leaseReads.stepsOf(lease)),
		findOwners: (leases) => db.read("findOwners", (o) => o.leaseReads.owners(leases)),
		readBalance: (viewer) => db.read("readBalance", (o) => o.ledger.read(viewer)),
		listEntries: (viewer, limit) => db.read("listEntries", (o) => o.figures.entries(viewer, limit)),
		readAsset: (viewer, assetId) => db.read("readAsset", (o) => o.assets.read(viewer, assetId)),
		isAssetInUse: (viewer, assetId) => db.read("isAssetInUse", (o) => o.assets.isInUse(viewer, assetId)),
	} satisfies Partial<Store>;
}

import type { Asset } from "../core/asset.ts";
import { type Defer, systemDefer } from "../core/clock.ts";
import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import { Listeners } from "../store/listeners.ts";
import { anything, type Change, type Elsewhere, type Lease, type Store } from "../store/store.ts";
import { readsOf } from "./model-reads.testsuite.ts";
import { type ModelAsset, type ModelRows, toAsset } from "./model-rows.testsuite.ts";
import { ModelTransitions, noAsset } from "./model-transitions.testsuite.ts";
import { throwAtOnce } from "./world.testsuite.ts";

/** A store over rows in memory that keeps the contract of store.ts; stores on the same rows are as two processes' are. */
export function createModelStore(rows: ModelRows, defer: Defer = systemDefer): Store {
	return new ModelStore(rows, defer).asStore();
}

/** Turns as a real store has them: what is asked in one is committed together, and its answers come after it. */
class ModelStore {
	readonly #rows: ModelRows;
	readonly #defer: Defer;
	readonly #listeners = new Listeners<readonly Change[]>({ onError: throwAtOnce });
	readonly #elsewhereListeners = new Listeners<Elsewhere>({ onError: throwAtOnce });
	readonly #transitions: ModelTransitions;
	#changes: Change[] = [];
	#queue: (() => () => void)[] = [];
	#isClosed = false;
	#seenCommits = -1;
	#seenTransfer = 0;

	constructor(rows: ModelRows, defer: Defer) {
		this.#rows = rows;
		this.#defer = defer;
		this.#transitions = new ModelTransitions(rows, (change) => void this.#changes.push(change));
	}

	asStore(): Store {
		const t = this.#transitions;
		const commit =
			<Args extends unknown[], Result>(transition: (...args: Args) => Result) =>
			(...args: Args): Promise<Result> =>
				this.#commit(() => transition(...args));
		const read =
			<Args extends unknown[], Result>(query: (...args: Args) => Result) =>
			async (...args: Args): Promise<Result> => {
				if (this.#isClosed) throw closed();
				return query(...args);
			};
		const reads = readsOf(this.#rows);
		return {
			name: "model",
			open: read(() => {}),
			close: () => this.#close(),
			leasePrefix: () => "",
			onChange: (listener) => this.#listeners.add(listener),
			onElsewhere: (listener) => this.#elsewhereListeners.add(listener),
			submitJob: commit((s) => t.submitJob(s)),
			claimJobs: commit((c) => t.claimJobs(c)),
			extendLeases: commit((leases, leaseExpiresAt) => t.extendLeases({ leases, leaseExpiresAt })),
			startStep: commit((s) => t.startStep(s)),
			completeStep: commit((s) => t.completeStep(s)),
			failStep: commit((s) => t.failStep(s)),
			reportProgress: commit((r) => t.reportProgress(r)),
			releaseJob: commit((r) => t.releaseJob(r)),
			completeJob: commit((c) => t.completeJob(c)),
			failJob: commit((f) => t.failJob(f)),
			cancelJob: commit((r) => t.cancelJob(r)),
			retryJob: commit((r) => t.retryJob(r)),
			clearSubject: commit((r) => t.clearSubject(r)),
			deleteJob: commit((r) => t.deleteJob(r)),
			sweep: commit((s) => t.sweep(s)),
			takeDispatches: commit((d) => t.runs.takeDispatches(d)),
			beginRun: commit((b) => t.runs.beginRun(b)),
			endRun: commit((e) => t.runs.endRun(e)),
			readRun: read((run) => t.runs.readRun(run)),
			grantCredits: commit((g) => t.ledger.grant(g)),
			transferOwner: commit((r) => t.transferOwner(r)),
			...this.#assets(commit),
			readJob: read(reads.readJob),
			listJobs: read(reads.listJobs),
			listChanges: read((viewer, change, limit, among) =>
				reads.listChanges(viewer, change, limit, this.#isBehind ? undefined : among),
			),
			readCursor: read(reads.readCursor),
			readQueuePosition: read(reads.readQueuePosition),
			countActive: read(reads.countActive),
			listDurations: read(reads.listDurations),
			listSteps: read(reads.listSteps),
			findOwners: read((leases) => this.#findOwners(leases)),
			readBalance: read((viewer) => t.ledger.read(viewer)),
			listEntries: read(reads.listEntries),
			readAsset: read(reads.readAsset),
			isAssetInUse: read(reads.isAssetInUse),
		};
	}

	#assets(
		commit: <Args extends unknown[], Result>(
			transition: (...args: Args) => Result,
		) => (...args: Args) => Promise<Result>,
	): Pick<Store, "createAsset" | "keepAsset" | "removeAsset" | "deleteAsset" | "takeOrphanAssets"> {
		const { assets } = this.#rows;
		return {
			createAsset: commit((asset: Asset, lease?: Lease) => {
				const owner = lease ? this.#ownerOf(lease) : asset.owner;
				if (owner === undefined) throw new DarkroomError("lease_lost", { detail: "The job is another worker's." });
				assets.set(asset.id, { ...asset, owner, removedAt: null });
				return { ...asset, owner };
			}),
			keepAsset: commit((viewer, assetId, now) => {
				const asset = assets.get(assetId);
				if (asset?.owner !== viewer || asset.removedAt !== null) throw noAsset(assetId);
				asset.keptAt ??= now;
				return toAsset(asset);
			}),
			removeAsset: commit((viewer, assetId, now) => {
				const asset = assets.get(assetId);
				if (asset?.owner !== viewer || asset.removedAt !== null) throw noAsset(assetId);
				asset.removedAt = now;
			}),
			deleteAsset: commit((assetId) => {
				if (assets.get(assetId)?.removedAt !== null) assets.delete(assetId);
			}),
			takeOrphanAssets: commit(({ createdBefore, now, limit }) => {
				const isOrphan = (one: ModelAsset) =>
					one.keptAt === null && one.removedAt === null && one.createdAt < createdBefore;
				const sorted = [...assets.values()].sort((a, b) => a.createdAt - b.createdAt);
				for (const orphan of sorted.filter(isOrphan).slice(0, limit)) orphan.removedAt = now;
				const removed = sorted.filter((one) => one.removedAt !== null);
				return removed
					.sort((a, b) => Number(a.removedAt) - Number(b.removedAt))
					.slice(0, limit)
					.map(toAsset);
			}),
		};
	}

	#commit<Result>(transition: () => Result): Promise<Result> {
		if (this.#isClosed) return Promise.reject(closed());
		return new Promise((resolve, reject) => {
			if (this.#queue.length === 0) this.#defer(() => this.#endTurn());
			this.#queue.push(() => {
				try {
					const result = transition();
					return () => resolve(result);
				} catch (error) {
					if (!isDarkroomError(error)) throw error;
					return () => reject(error);
				}
			});
		});
	}

	#endTurn(): void {
		const queue = this.#queue;
		this.#queue = [];
		this.#changes = [];
		const isIncomplete = this.#isBehind;
		const movedOwners = this.#takeMoved();
		const answers = queue.map((transition) => transition());
		// What changed no job is no news: told of every sweep, watchers would look again whatever they were not told.
		if (this.#changes.length > 0) this.#rows.commits++;
		this.#seenCommits = this.#rows.commits;
		this.#seenTransfer = this.#rows.lastTransfer;
		for (const answer of answers) answer();
		if (this.#changes.length > 0) this.#listeners.tell(this.#changes);
		if (!isIncomplete && movedOwners.length === 0) return;
		this.#elsewhereListeners.tell({ ...anything, movedOwners });
	}

	/** By other connections, since the last turn. */
	#takeMoved(): string[] {
		return this.#rows.transfers.filter(({ id }) => id > this.#seenTransfer).map(({ owner }) => owner);
	}

	/** Whether another connection has committed what this one's listeners have not been told of. */
	get #isBehind(): boolean {
		return this.#rows.commits !== this.#seenCommits;
	}

	#findOwners(leases: readonly Lease[]): Map<string, string> {
		const owners = new Map<string, string>();
		for (const lease of leases) {
			const owner = this.#ownerOf(lease);
			if (owner !== undefined) owners.set(lease.leaseToken, owner);
		}
		return owners;
	}

	/** Undefined where the lease is lost. */
	#ownerOf({ jobId, leaseToken }: Lease): string | undefined {
		const job = this.#rows.jobs.get(jobId);
		return job?.leaseToken === leaseToken ? job.owner : undefined;
	}

	async #close(): Promise<void> {
		this.#isClosed = true;
		if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#queue.push(() => resolve));
	}
}

function closed(): DarkroomError {
	return new DarkroomError("stopped", { detail: "The store is closed." });
}

import type { Defer } from "../core/clock.ts";
import type { JobSnapshot, JobWithSteps } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { Change, Elsewhere, Store } from "../store/store.ts";
import type { Watch, WatchRequest } from "./darkroom.ts";
import type { StoreOutage } from "./store-outage.ts";

/** Changes read at a time while a watcher catches up. */
const catchUpPage = 200;

interface Watcher {
	readonly request: WatchRequest;
	/** The change number up to which it has seen everything. */
	cursor: number;
	isLive: boolean;
	/** Something was shown to the live ones while it caught up. */
	hasMissed: boolean;
	isOver: boolean;
}

export interface WatchHubOptions {
	readonly store: Store;
	readonly logger: Logger;
	readonly outage: StoreOutage;
	readonly defer: Defer;
	readonly toSnapshot: (job: JobWithSteps) => Promise<JobSnapshot>;
}

/**
 * Watchers, by owner. A job is shown to one only with a higher change number than its cursor, in order, so
 * nothing is missed and nothing comes twice.
 *
 *     watch(cursor) ─ read changes after it, page by page, until none is left ─ ready ─ live
 *     watch()       ─ the active jobs, oldest change first ───────────────────── ready ─ live
 *     commit here ─ what changed of watched owners, read once ─ to every live watcher of that owner
 *     commit elsewhere ─ the same, of those it names, or of all
 *     a transfer ─ in any process: ends the old owner's; the new owner's are shown what came to them
 *
 * What commits while a watcher catches up is only marked; the catch-up goes on until it finds nothing new.
 */
export class WatchHub {
	readonly #options: WatchHubOptions;
	readonly #watchers = new Map<string, Set<Watcher>>();
	/** Owners of whom something is to be shown: which jobs changed; null: any may have. */
	readonly #changed = new Map<string, Set<string> | null>();
	readonly #stopListening: readonly (() => void)[];
	#isShowing = false;
	#isClosed = false;

	constructor(options: WatchHubOptions) {
		this.#options = options;
		this.#stopListening = [
			options.store.onChange((changes) => this.#onChange(changes)),
			options.store.onElsewhere((news) => this.#onElsewhere(news)),
		];
	}

	watch(request: WatchRequest): Watch {
		const cursor = request.cursor ?? 0;
		const watcher: Watcher = { request, cursor, isLive: false, hasMissed: false, isOver: false };
		if (this.#isClosed) return this.#refuse(watcher);
		const all = this.#watchers.get(request.viewer);
		if (all) all.add(watcher);
		else this.#watchers.set(request.viewer, new Set([watcher]));
		const ready = this.#catchUp(watcher).catch((error: unknown) => {
			// Of a store that is away one line is enough, however many watch.
			const { logger, outage } = this.#options;
			if (!outage.explains(error, "watch")) logger.error({ err: error as Error }, "could not catch up a watcher");
			this.#end(watcher);
			return watcher.cursor;
		});
		return { ready, stop: () => this.#remove(watcher) };
	}

	/** Ends an owner's watches: what they watched is another's now, and who comes back says anew who they are. */
	endOf(owner: string): void {
		for (const watcher of [...(this.#watchers.get(owner) ?? [])]) this.#end(watcher);
	}

	/** Ends every watch, and from now on each new one at once. */
	close(): void {
		this.#isClosed = true;
		for (const stop of this.#stopListening) stop();
		for (const all of this.#watchers.values()) for (const watcher of [...all]) this.#end(watcher);
	}

	#refuse(watcher: Watcher): Watch {
		const ready = Promise.resolve(watcher.cursor).finally(() => this.#end(watcher));
		return { ready, stop: () => this.#remove(watcher) };
	}

	#onChange(changes: readonly Change[]): void {
		if (this.#watchers.size === 0) return;
		for (const { owner, jobId } of changes) {
			if (!this.#watchers.has(owner)) continue;
			const ids = this.#changed.get(owner);
			if (ids) ids.add(jobId);
			else if (ids === undefined) this.#changed.set(owner, new Set([jobId]));
		}
		this.#showSoon();
	}

	#onElsewhere({ owners, movedOwners = [] }: Elsewhere): void {
		for (const owner of movedOwners) this.endOf(owner);
		for (const owner of owners ?? this.#watchers.keys()) {
			if (this.#watchers.has(owner)) this.#changed.set(owner, null);
		}
		this.#showSoon();
	}

	#showSoon(): void {
		if (this.#changed.size === 0 || this.#isShowing) return;
		this.#isShowing = true;
		// After this turn's other work: several commits may have come together by then.
		this.#options.defer(() => void this.#showChanged());
	}

	/** One round after the other: two at once could show a later change before an earlier one, which then looks seen. */
	async #showChanged(): Promise<void> {
		for (const [owner, ids] of this.#changed) {
			// Taken in the moment of the read, so that no change of this owner can be read that is not among them.
			this.#changed.delete(owner);
			await this.#showOwner(owner, ids === null ? undefined : [...ids]);
		}
		this.#isShowing = false;
	}

	async #showOwner(owner: string, among: readonly string[] | undefined): Promise<void> {
		const { store, toSnapshot, logger, outage } = this.#options;
		const all = this.#watchers.get(owner);
		if (!all) return;
		for (const watcher of all) if (!watcher.isLive) watcher.hasMissed = true;
		const live = [...all].filter((watcher) => watcher.isLive);
		let cursor = Math.min(...live.map((watcher) => watcher.cursor));
		try {
			for (let isMore = live.length > 0; isMore; ) {
				const page = await store.listChanges(owner, cursor, catchUpPage, among);
				for (const job of page) {
					const snapshot = await toSnapshot(job);
					for (const watcher of all) if (watcher.isLive) this.#showOrEnd(watcher, snapshot);
				}
				cursor = page.at(-1)?.job.change ?? cursor;
				isMore = page.length === catchUpPage;
			}
		} catch (error) {
			if (!outage.explains(error, "watch")) logger.error({ err: error as Error }, "could not show a change");
			for (const watcher of [...all]) this.#end(watcher);
		}
	}

	/** A watcher whose own code throws ends alone. */
	#showOrEnd(watcher: Watcher, snapshot: JobSnapshot): void {
		try {
			show(watcher, snapshot);
		} catch (error) {
			this.#options.logger.error({ jobId: snapshot.id, err: error as Error }, "a watcher failed");
			this.#end(watcher);
		}
	}

	/** The result is the cursor at which the watcher is up to date. */
	async #catchUp(watcher: Watcher): Promise<number> {
		const { store, toSnapshot } = this.#options;
		const { viewer } = watcher.request;
		if (watcher.request.cursor === undefined || (await this.#isFromElsewhere(watcher))) await this.#showActive(watcher);
		for (;;) {
			watcher.hasMissed = false;
			const page = await store.listChanges(viewer, watcher.cursor, catchUpPage);
			for (const job of page) show(watcher, await toSnapshot(job));
			if (page.length < catchUpPage && !watcher.hasMissed) break;
		}
		watcher.isLive = true;
		return watcher.cursor;
	}

	/** A watcher without a cursor begins with what is going on. Oldest change first over all, so each is a place to resume. */
	async #showActive(watcher: Watcher): Promise<void> {
		const { store, toSnapshot } = this.#options;
		const { viewer } = watcher.request;
		const now = await store.readCursor(viewer);
		const active: JobWithSteps[] = [];
		for (let before: string | undefined; ; before = active.at(-1)?.job.id) {
			const page = await store.listJobs({ viewer, status: ["queued", "running"], before, limit: catchUpPage });
			active.push(...page);
			if (page.length < catchUpPage) break;
		}
		active.sort((a, b) => a.job.change - b.job.change);
		// What changed after `now` comes with the changes; here it would come twice.
		for (const job of active) if (job.job.change <= now) show(watcher, await toSnapshot(job));
		watcher.cursor = now;
	}

	/** A cursor ahead of ours is of a database that is no more, such as before a backup was restored: it means nothing here. */
	async #isFromElsewhere(watcher: Watcher): Promise<boolean> {
		if (watcher.cursor <= (await this.#options.store.readCursor(watcher.request.viewer))) return false;
		watcher.cursor = 0;
		return true;
	}

	#remove(watcher: Watcher): void {
		watcher.isOver = true;
		const { viewer } = watcher.request;
		const all = this.#watchers.get(viewer);
		all?.delete(watcher);
		if (all?.size === 0) this.#watchers.delete(viewer);
	}

	#end(watcher: Watcher): void {
		if (watcher.isOver) return;
		this.#remove(watcher);
		try {
			watcher.request.onEnd();
		} catch (error) {
			this.#options.logger.error({ err: error as Error }, "a watcher failed at its end");
		}
	}
}

function show(watcher: Watcher, snapshot: JobSnapshot): void {
	if (watcher.isOver || snapshot.version <= watcher.cursor) return;
	watcher.cursor = snapshot.version;
	watcher.request.onJob(snapshot, snapshot.version);
}

import type { JobSnapshot, JobWithSteps } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { Change, Store } from "../store/store.ts";
import type { Watch, WatchRequest } from "./darkroom.ts";

/** Changes read at a time while a watcher catches up. */
const catchUpPage = 200;

/**
 * Watchers, by owner. Each has a cursor, the change number up to which it has seen everything; a job is shown
 * to it only with a higher one, in order, so nothing is missed and nothing comes twice.
 *
 *     watch(cursor) ─ read changes after it, page by page, until none is left ─ ready ─ live
 *     watch()       ─ the active jobs, oldest change first ───────────────────── ready ─ live
 *     commit ─ changed jobs of watched owners, read once each ─ to every live watcher of that owner
 *
 * What commits while a watcher catches up is only marked; the catch-up goes on until it finds nothing new.
 */
export interface WatchHub {
	watch(request: WatchRequest): Watch;
	/** Ends every watch. */
	close(): void;
}

interface Watcher {
	readonly request: WatchRequest;
	cursor: number;
	isLive: boolean;
	hasMissed: boolean;
	isOver: boolean;
}

export interface WatchHubOptions {
	readonly store: Store;
	readonly logger: Logger;
	readonly toSnapshot: (job: JobWithSteps) => Promise<JobSnapshot>;
}

export function createWatchHub({ store, logger, toSnapshot }: WatchHubOptions): WatchHub {
	const watchers = new Map<string, Set<Watcher>>();
	const changed = new Map<string, Set<string>>();
	let isShowing = false;
	const stopListening = store.onChange(onChange);

	function onChange(changes: readonly Change[]): void {
		if (watchers.size === 0) return;
		for (const { owner, jobId } of changes) {
			if (!watchers.has(owner)) continue;
			const ids = changed.get(owner);
			if (ids) ids.add(jobId);
			else changed.set(owner, new Set([jobId]));
		}
		if (changed.size === 0 || isShowing) return;
		isShowing = true;
		// After this turn's other work: several commits may have come together by then.
		setImmediate(showChanged);
	}

	/** One round after the other: two at once could show a later change before an earlier one, which then looks seen. */
	async function showChanged(): Promise<void> {
		while (changed.size > 0) {
			const round = [...changed];
			changed.clear();
			for (const [owner, ids] of round) await showOwner(owner, ids);
		}
		isShowing = false;
	}

	async function showOwner(owner: string, ids: ReadonlySet<string>): Promise<void> {
		const all = watchers.get(owner);
		if (!all) return;
		for (const watcher of all) if (!watcher.isLive) watcher.hasMissed = true;
		try {
			const jobs = await store.readJobs(owner, [...ids]);
			for (const job of jobs) {
				const snapshot = await toSnapshot(job);
				for (const watcher of all) if (watcher.isLive) show(watcher, snapshot);
			}
		} catch (error) {
			logger.error({ err: error as Error }, "could not show a change");
			for (const watcher of [...all]) end(watcher);
		}
	}

	function show(watcher: Watcher, snapshot: JobSnapshot): void {
		if (watcher.isOver || snapshot.version <= watcher.cursor) return;
		watcher.cursor = snapshot.version;
		watcher.request.onJob(snapshot, snapshot.version);
	}

	async function catchUp(watcher: Watcher): Promise<void> {
		const { viewer, cursor } = watcher.request;
		if (cursor === undefined) {
			const now = await store.readCursor(viewer);
			const active = await store.listJobs({ viewer, status: ["queued", "running"], limit: catchUpPage });
			active.sort((a, b) => a.job.change - b.job.change);
			for (const job of active) show(watcher, await toSnapshot(job));
			watcher.cursor = Math.max(watcher.cursor, now);
		}
		for (;;) {
			watcher.hasMissed = false;
			const page = await store.listChanges(viewer, watcher.cursor, catchUpPage);
			for (const job of page) show(watcher, await toSnapshot(job));
			if (page.length < catchUpPage && !watcher.hasMissed) break;
		}
		watcher.isLive = true;
	}

	function remove(watcher: Watcher): void {
		watcher.isOver = true;
		const { viewer } = watcher.request;
		const all = watchers.get(viewer);
		all?.delete(watcher);
		if (all?.size === 0) watchers.delete(viewer);
	}

	function end(watcher: Watcher): void {
		if (watcher.isOver) return;
		remove(watcher);
		watcher.request.onEnd();
	}

	return {
		watch(request) {
			const watcher: Watcher = {
				request,
				cursor: request.cursor ?? 0,
				isLive: false,
				hasMissed: false,
				isOver: false,
			};
			const all = watchers.get(request.viewer);
			if (all) all.add(watcher);
			else watchers.set(request.viewer, new Set([watcher]));
			const caughtUp = catchUp(watcher).catch((error: unknown) => {
				logger.error({ err: error as Error }, "could not catch up a watcher");
				end(watcher);
			});
			const ready = caughtUp.then(() => watcher.cursor);
			return { ready, stop: () => remove(watcher) };
		},
		close() {
			stopListening();
			for (const all of watchers.values()) for (const watcher of [...all]) end(watcher);
		},
	};
}

import type { AnyJobDefinition } from "../engine/define-job.ts";
import { isActive, type JobsAnswer } from "../http/protocol.ts";
import type { JobOf } from "./job-of.ts";
import type { JobFilter } from "./job-requests.ts";
import type { WatchParts, WatchState } from "./job-watch.ts";
import type { JobWindow } from "./job-window.ts";
import type { JobWindows } from "./job-windows.ts";
import { Observable } from "./observable.ts";
import type { ProblemError } from "./problem-error.ts";
import type { WatchTarget } from "./watcher.ts";

export interface JobListState<Definition extends AnyJobDefinition> extends WatchState {
	/** Newest first, each once. */
	readonly jobs: readonly JobOf<Definition>[];
	/** Older jobs can be loaded. */
	readonly hasMore: boolean;
	readonly isLoadingMore: boolean;
}

export interface ListParts extends WatchParts {
	readonly windows: JobWindows;
}

/** A filtered list of jobs, kept up to date while somebody listens. Made by `client.watchJobs`. */
export class JobListWatch<Definition extends AnyJobDefinition>
	extends Observable<JobListState<Definition>>
	implements WatchTarget
{
	readonly #filter: JobFilter;
	readonly #parts: ListParts;
	readonly #window: JobWindow;
	/** Counts first pages asked for. An answer to an earlier one than was answered last is out of date. */
	#asked = 0;
	#answered = 0;
	#underWay = 0;
	#leave: (() => void)[] = [];

	constructor(filter: JobFilter, parts: ListParts) {
		super({
			jobs: [],
			isLoading: true,
			error: null,
			hasMore: false,
			isLoadingMore: false,
			isStale: false,
			isOffline: false,
		});
		this.#filter = filter;
		this.#parts = parts;
		this.#window = parts.windows.recall(filter);
		if (this.#window.isKnown) this.update({ isLoading: false, ...this.#content() });
	}

	/** Asks the server for the newest page anew. Never rejects: what went wrong is in the state's `error`. */
	readonly refetch = async (): Promise<void> => {
		await this.reread();
	};

	/** Begins to watch again after 3 minutes without a change. */
	readonly lookAgain = (): void => {
		this.#parts.watcher.wake();
		void this.reread();
	};

	/** Adds the next older page. Does nothing while one is loading or when there is none. Never rejects. */
	readonly loadMore = async (): Promise<void> => {
		const cursor = this.#window.nextCursor;
		if (cursor === null || this.getSnapshot().isLoadingMore) return;
		this.update({ isLoadingMore: true });
		try {
			const page = await this.#parts.requests.listJobs({ ...this.#filter, cursor });
			// The list was cleared or cut meanwhile: this page does not join it any more.
			if (this.#window.nextCursor === cursor) this.#window.takeNextPage(page);
			this.update({ isLoadingMore: false, error: null, ...this.#content() });
		} catch (error) {
			this.update({ isLoadingMore: false, error: error as ProblemError });
		}
	};

	isActive(): boolean {
		return this.getSnapshot().jobs.some((job) => isActive(job.status));
	}

	hasFailed(): boolean {
		return this.getSnapshot().error?.isOutcomeUnknown ?? false;
	}

	isInQueue(): boolean {
		return this.getSnapshot().jobs.some((job) => (job.queuePosition ?? 0) > 0);
	}

	async reread(): Promise<ProblemError | null> {
		const read = ++this.#asked;
		if (this.#underWay++ === 0) this.#window.beginFirstPage();
		try {
			const page = await this.#parts.requests.listJobs(this.#filter);
			if (read <= this.#answered) return null;
			this.#answered = read;
			this.#window.takeFirstPage(page);
			this.update({ isLoading: false, error: null, ...this.#content() });
			await this.#rereadOlder(page);
			return null;
		} catch (error) {
			if (read > this.#answered) this.update({ isLoading: false, error: error as ProblemError });
			return error as ProblemError;
		} finally {
			this.#underWay--;
		}
	}

	/** Jobs still active further down than the first page reaches are few, and read one by one. */
	async #rereadOlder(page: JobsAnswer): Promise<void> {
		const named = new Set(page.jobs.map(({ id }) => id));
		const older = this.#window.jobs.filter((job) => isActive(job.status) && !named.has(job.id));
		await Promise.all(older.map(({ id }) => this.#parts.requests.readJob(id)));
	}

	protected override start(): void {
		const { cache, watcher } = this.#parts;
		this.#leave = [
			cache.subscribe({
				onChange: ({ job }) => {
					if (this.#window.takeChange(job)) this.update(this.#content());
				},
				onClear: () => {
					this.#answered = this.#asked;
					this.#window.clear();
					this.update({ isLoading: true, error: null, ...this.#content() });
					void this.reread();
				},
			}),
			watcher.subscribe(() => this.update(this.#health())),
			watcher.attach(this),
		];
		// What changed while nobody listened, as far as it is known already.
		const known = this.#window.jobs.map(({ id }) => cache.get(id)).filter((job) => job !== undefined);
		for (const job of known) this.#window.takeChange(job);
		if (known.length > 0) this.update(this.#content());
		void this.reread();
	}

	protected override stop(): void {
		for (const leave of this.#leave) leave();
		this.#parts.windows.remember(this.#filter, this.#window);
	}

	#content(): Partial<JobListState<Definition>> {
		const jobs = this.#window.jobs as readonly JobOf<Definition>[];
		return { jobs, hasMore: this.#window.nextCursor !== null };
	}

	#health(): Pick<WatchState, "isStale" | "isOffline"> {
		const { isResting, isOffline } = this.#parts.watcher.getSnapshot();
		return { isStale: isResting && this.isActive(), isOffline };
	}
}

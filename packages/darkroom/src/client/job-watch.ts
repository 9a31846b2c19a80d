import type { AnyJobDefinition } from "../engine/define-job.ts";
import { isActive, type JobSnapshot } from "../http/protocol.ts";
import type { JobCache } from "./job-cache.ts";
import type { JobOf } from "./job-of.ts";
import type { JobRequests } from "./job-requests.ts";
import { Observable } from "./observable.ts";
import type { ProblemError } from "./problem-error.ts";
import type { Watcher, WatchTarget } from "./watcher.ts";

export interface WatchState {
	/** The first answer is not there yet. */
	readonly isLoading: boolean;
	/** Why it could not be read; null once it could. How the job itself failed stands in the job's `error`. */
	readonly error: ProblemError | null;
	/** Something active has not changed for 3 minutes, so watching has stopped. The job goes on regardless. */
	readonly isStale: boolean;
	/** The server, or the store behind it, cannot be reached; what is shown may be old. Asking goes on. */
	readonly isOffline: boolean;
}

export interface JobState<Definition extends AnyJobDefinition> extends WatchState {
	readonly job: JobOf<Definition> | null;
}

export interface WatchParts {
	readonly requests: JobRequests;
	readonly cache: JobCache;
	readonly watcher: Watcher;
}

/** One job, followed while somebody listens. Made by `client.watchJob`. */
export class JobWatch<Definition extends AnyJobDefinition>
	extends Observable<JobState<Definition>>
	implements WatchTarget
{
	/** Empty for a watch of nothing, which never loads and never changes. */
	readonly jobId: string;
	readonly #parts: WatchParts;
	#leave: (() => void)[] = [];

	constructor(jobId: string | null, parts: WatchParts) {
		super({ job: null, isLoading: jobId !== null, error: null, isStale: false, isOffline: false });
		this.jobId = jobId ?? "";
		this.#parts = parts;
		this.#show(parts.cache.get(this.jobId));
	}

	/** Asks the server anew. Never rejects: what went wrong is in the state's `error`. */
	readonly refetch = async (): Promise<void> => {
		await this.reread();
	};

	/** Begins to watch again after 3 minutes without a change. */
	readonly lookAgain = (): void => {
		this.#parts.watcher.wake();
		void this.reread();
	};

	isActive(): boolean {
		const { job, error } = this.getSnapshot();
		return job ? isActive(job.status) : error === null || error.isOutcomeUnknown;
	}

	hasFailed(): boolean {
		return this.getSnapshot().error?.isOutcomeUnknown ?? false;
	}

	isInQueue(): boolean {
		return (this.getSnapshot().job?.queuePosition ?? 0) > 0;
	}

	async reread(): Promise<ProblemError | null> {
		if (this.jobId === "") return null;
		try {
			this.#show(await this.#parts.requests.readJob(this.jobId));
			return null;
		} catch (error) {
			this.update({ error: error as ProblemError, isLoading: false });
			return error as ProblemError;
		}
	}

	protected override start(): void {
		if (this.jobId === "") return;
		const { cache, watcher } = this.#parts;
		this.#leave = [
			cache.subscribe({
				onChange: ({ job }) => {
					if (job.id === this.jobId) this.#show(job);
				},
				onClear: () => {
					this.update({ job: null, isLoading: true, error: null, isStale: false });
					void this.reread();
				},
			}),
			watcher.subscribe(() => this.update(this.#health())),
			watcher.attach(this),
		];
		this.#show(cache.get(this.jobId));
		if (!this.getSnapshot().job) void this.reread();
	}

	protected override stop(): void {
		for (const leave of this.#leave) leave();
	}

	#show(job: JobSnapshot | undefined): void {
		// The wire is trusted to carry what the definition says; this is the one place where it gets its type.
		if (job) this.update({ job: job as JobOf<Definition>, isLoading: false, error: null });
		this.update(this.#health());
	}

	#health(): Pick<WatchState, "isStale" | "isOffline"> {
		const { isResting, isOffline } = this.#parts.watcher.getSnapshot();
		return { isStale: isResting && this.isActive(), isOffline };
	}
}

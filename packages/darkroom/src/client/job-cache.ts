import type { JobSnapshot } from "../http/protocol.ts";

export interface JobChange {
	readonly job: JobSnapshot;
	/** What was known before; undefined for a job seen for the first time. */
	readonly previous: JobSnapshot | undefined;
}

export interface CacheListener {
	onChange(change: JobChange): void;
	/** Everything is forgotten: another viewer. */
	onClear(): void;
}

/** Jobs kept; beyond it the one that changed longest ago is forgotten, and read again when it is wanted. */
const limit = 500;

/**
 * The latest known snapshot of each job, whichever way it came. Answers and events overtake each other, so only
 * a higher version replaces: a listener never sees a job go back, nor the same news twice. The one thing that
 * changes within a version is a job's place in the queue, because other jobs move it.
 */
export class JobCache {
	readonly #jobs = new Map<string, JobSnapshot>();
	readonly #listeners = new Set<CacheListener>();
	#generation = 0;

	get(jobId: string): JobSnapshot | undefined {
		return this.#jobs.get(jobId);
	}

	/**
	 * The way to put in the answer to a question asked now. What comes after the cache was cleared is handed
	 * back but not kept: it belongs to the viewer of before. Returns the latest of the job.
	 */
	openWriter(): (job: JobSnapshot) => JobSnapshot {
		const generation = this.#generation;
		return (job) => (generation === this.#generation ? this.#put(job) : job);
	}

	subscribe(listener: CacheListener): () => void {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	}

	clear(): void {
		this.#generation++;
		this.#jobs.clear();
		for (const listener of [...this.#listeners]) listener.onClear();
	}

	#put(job: JobSnapshot): JobSnapshot {
		const previous = this.#jobs.get(job.id);
		if (previous && !isNews(job, previous)) return previous;
		this.#jobs.delete(job.id);
		this.#jobs.set(job.id, job);
		if (this.#jobs.size > limit) {
			for (const oldest of this.#jobs.keys()) {
				this.#jobs.delete(oldest);
				break;
			}
		}
		for (const listener of [...this.#listeners]) listener.onChange({ job, previous });
		return job;
	}
}

function isNews(job: JobSnapshot, previous: JobSnapshot): boolean {
	if (job.version !== previous.version) return job.version > previous.version;
	return job.queuePosition !== undefined && job.queuePosition !== previous.queuePosition;
}

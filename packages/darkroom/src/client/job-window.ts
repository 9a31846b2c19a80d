import type { JobSnapshot, JobsAnswer } from "../http/protocol.ts";
import type { JobFilter } from "./job-requests.ts";

/**
 * What is known of a filtered list of jobs, newest first: an unbroken stretch from the newest job down to a
 * floor, below which more pages wait. Pages and news may come in any order. Pure: it asks for nothing.
 */
export class JobWindow {
	readonly #filter: JobFilter;
	readonly #jobs = new Map<string, JobSnapshot>();
	/** Ids that news came of since the first page was last asked for: the answer may not know of them yet. */
	readonly #touched = new Set<string>();
	/** The oldest id of the stretch; "" when nothing lies below it. */
	#floor = "";
	/** The newest id that a page has confirmed: between here and the floor nothing is missing. */
	#top = "";
	#hasRead = false;
	#nextCursor: string | null = null;

	constructor(filter: JobFilter) {
		this.#filter = filter;
	}

	/** Newest first; ids sort by time. Empty until a page has come: what is known before it may be any part. */
	get jobs(): readonly JobSnapshot[] {
		if (!this.#hasRead) return [];
		return [...this.#jobs.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
	}

	/** Asks for the page below the floor; null when there is none. */
	get nextCursor(): string | null {
		return this.#nextCursor;
	}

	/** Whether a page has come, so that `jobs` is the list, as far as it goes. */
	get isKnown(): boolean {
		return this.#hasRead;
	}

	copy(): JobWindow {
		const copy = new JobWindow(this.#filter);
		for (const [id, job] of this.#jobs) copy.#jobs.set(id, job);
		copy.#floor = this.#floor;
		copy.#top = this.#top;
		copy.#hasRead = this.#hasRead;
		copy.#nextCursor = this.#nextCursor;
		return copy;
	}

	/** A job has changed. Returns whether the list is another now. */
	takeChange(job: JobSnapshot): boolean {
		this.#touched.add(job.id);
		if (!this.#matches(job)) return this.#jobs.delete(job.id);
		if (job.id < this.#floor) return false;
		this.#jobs.set(job.id, job);
		return true;
	}

	/** Call when the first page is asked for. */
	beginFirstPage(): void {
		this.#touched.clear();
	}

	/** What the page does not name within its stretch does not belong there any more, unless it is news. */
	takeFirstPage(page: JobsAnswer): void {
		const last = page.jobs.at(-1);
		const bottom = page.nextCursor === null || !last ? "" : last.id;
		const isJoined = this.#hasRead && bottom <= this.#top;
		const named = new Set(page.jobs.map((job) => job.id));
		for (const id of this.#jobs.keys()) {
			const isGone = id >= bottom && !named.has(id) && !this.#touched.has(id);
			// So much is new that the page does not reach down to what was known: that would leave a hole.
			const isCutOff = id < bottom && !isJoined;
			if (isGone || isCutOff) this.#jobs.delete(id);
		}
		this.#add(page);
		if (bottom === "" || !isJoined) {
			this.#floor = bottom;
			this.#nextCursor = page.nextCursor;
		}
		this.#top = page.jobs[0]?.id ?? this.#top;
		this.#hasRead = true;
	}

	takeNextPage(page: JobsAnswer): void {
		this.#add(page);
		const last = page.jobs.at(-1);
		this.#floor = page.nextCursor === null || !last ? "" : last.id;
		this.#nextCursor = page.nextCursor;
	}

	clear(): void {
		this.#jobs.clear();
		this.#touched.clear();
		this.#top = "";
		this.#floor = "";
		this.#nextCursor = null;
		this.#hasRead = false;
	}

	/** The cache may know a later version of a job than the page, one that the list does not want any more. */
	#add(page: JobsAnswer): void {
		for (const job of page.jobs) {
			if (this.#matches(job)) this.#jobs.set(job.id, job);
			else this.#jobs.delete(job.id);
		}
	}

	#matches(job: JobSnapshot): boolean {
		const { kind, status, subject } = this.#filter;
		if (kind !== undefined && job.kind !== kind) return false;
		if (subject !== undefined && job.subject !== subject) return false;
		if (status === undefined || status.length === 0) return true;
		return typeof status === "string" ? job.status === status : status.includes(job.status);
	}
}

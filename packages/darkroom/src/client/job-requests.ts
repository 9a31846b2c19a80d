import type {
	Balance,
	ClearBody,
	JobAnswer,
	JobSnapshot,
	JobStatus,
	JobsAnswer,
	SubmitBody,
} from "../http/protocol.ts";
import type { JobCache } from "./job-cache.ts";
import { type Request, readJson } from "./request.ts";

export interface JobFilter {
	readonly kind?: string;
	/** Default, and for an empty list: any. */
	readonly status?: JobStatus | readonly JobStatus[];
	readonly subject?: string;
	/** Jobs a page. Default 20, at most 100. */
	readonly limit?: number;
}

export interface ListQuery extends JobFilter {
	/** The `nextCursor` of the page before. Default: the newest jobs. */
	readonly cursor?: string;
}

/** The routes of jobs and credits. Whatever job an answer carries goes into the cache; the latest is returned. */
export class JobRequests {
	readonly #request: Request;
	readonly #cache: JobCache;
	readonly #reads = new Map<string, Promise<unknown>>();
	/** The tag of an answer that said the same as the snapshot: asked with it, an unchanged job is not sent again. */
	readonly #etags = new WeakMap<JobSnapshot, string>();

	constructor(request: Request, cache: JobCache) {
		this.#request = request;
		this.#cache = cache;
	}

	submit(kind: string, body: SubmitBody): Promise<JobSnapshot> {
		return this.#ask("POST", `/jobs/${encodeURIComponent(kind)}`, body);
	}

	cancel(jobId: string): Promise<JobSnapshot> {
		return this.#ask("DELETE", `/jobs/${encodeURIComponent(jobId)}`);
	}

	retry(jobId: string): Promise<JobSnapshot> {
		return this.#ask("POST", `/jobs/${encodeURIComponent(jobId)}/retry`);
	}

	clearSubject(subject: string): Promise<JobSnapshot> {
		return this.#ask("POST", "/jobs/clear", { subject } satisfies ClearBody);
	}

	/** An unchanged job is not sent again. */
	readJob(jobId: string): Promise<JobSnapshot> {
		const path = `/jobs/${encodeURIComponent(jobId)}`;
		return this.#share(path, async () => {
			const write = this.#cache.openWriter();
			const known = this.#cache.get(jobId);
			const etag = known && this.#etags.get(known);
			const response = await this.#request("GET", path, etag ? { headers: { "if-none-match": etag } } : {});
			if (known && response.status === 304) return this.#cache.get(jobId) ?? known;
			const { job } = await readJson<JobAnswer>(response);
			const latest = write(job);
			const newEtag = response.headers.get("etag");
			if (newEtag && latest.version === job.version) this.#etags.set(latest, newEtag);
			return latest;
		});
	}

	listJobs(query: ListQuery): Promise<JobsAnswer> {
		const path = `/jobs${toSearch(query)}`;
		return this.#share(path, async () => {
			const write = this.#cache.openWriter();
			const answer = await readJson<JobsAnswer>(await this.#request("GET", path));
			return { jobs: answer.jobs.map(write), nextCursor: answer.nextCursor };
		});
	}

	readBalance(): Promise<Balance> {
		return this.#share("/credits", async () => readJson<Balance>(await this.#request("GET", "/credits")));
	}

	async #ask(method: string, path: string, body?: unknown): Promise<JobSnapshot> {
		const write = this.#cache.openWriter();
		const options =
			body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
		const { job } = await readJson<JobAnswer>(await this.#request(method, path, options));
		return write(job);
	}

	/**
	 * Those who ask for the same in one turn of the event loop share a request: all components of a page, as they
	 * mount. No later one joins: an answer under way may be older than the reason to ask.
	 */
	#share<Answer>(path: string, read: () => Promise<Answer>): Promise<Answer> {
		const running = this.#reads.get(path);
		if (running) return running as Promise<Answer>;
		const answer = read();
		this.#reads.set(path, answer);
		queueMicrotask(() => this.#reads.delete(path));
		return answer;
	}
}

function toSearch({ kind, status, subject, limit, cursor }: ListQuery): string {
	const search = new URLSearchParams();
	if (kind !== undefined) search.set("kind", kind);
	if (status !== undefined && status.length > 0) search.set("status", String(status));
	if (subject !== undefined) search.set("subject", subject);
	if (limit !== undefined) search.set("limit", String(limit));
	if (cursor !== undefined) search.set("cursor", cursor);
	return search.size === 0 ? "" : `?${search}`;
}

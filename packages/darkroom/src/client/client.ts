import type { Clock } from "../core/clock.ts";
import type { AnyJobDefinition, JobDefinition } from "../engine/define-job.ts";
import type { AssetSnapshot, Balance, JobSnapshot } from "../http/protocol.ts";
import { browserClock } from "./browser-clock.ts";
import { CreditsWatch } from "./credits-watch.ts";
import { Intents } from "./intents.ts";
import { JobCache } from "./job-cache.ts";
import { JobListWatch } from "./job-list-watch.ts";
import type { JobOf, KindOf, SubmitInputOf } from "./job-of.ts";
import { type JobFilter, JobRequests, type ListQuery } from "./job-requests.ts";
import { JobWatch } from "./job-watch.ts";
import { JobWindows } from "./job-windows.ts";
import { browserPage, type Page } from "./page.ts";
import { isProblemError } from "./problem-error.ts";
import { createRequest } from "./request.ts";
import { type SubmitOptions, Submitter } from "./submitter.ts";
import { type UploadOptions, upload } from "./upload.ts";
import { Watcher } from "./watcher.ts";

export interface ClientOptions {
	/** Where the handler is mounted, without a slash at its end. Default `"/api"`. */
	readonly baseUrl?: string;
	/** Default: the global one, looked up at each call. An upload that tells its progress does not use it. */
	readonly fetch?: typeof fetch;
	/** Default `"same-origin"`; `"include"` for a server of another origin. */
	readonly credentials?: RequestCredentials;
	/** Default: the real time. */
	readonly clock?: Clock;
	/** Default: the browser's. */
	readonly page?: Page;
}

export interface AssetUrlOptions {
	/** Pixels; the server rounds up to one of its widths. Default: the whole picture. */
	readonly width?: number;
}

/** A filter for jobs of these definitions. Name the `kind`: without it, jobs of all kinds come under their type. */
export interface TypedFilter<Definition extends AnyJobDefinition> extends JobFilter {
	readonly kind?: KindOf<Definition>;
}

/** The same for one page of them. */
export interface TypedQuery<Definition extends AnyJobDefinition> extends ListQuery {
	readonly kind?: KindOf<Definition>;
}

export interface TypedPage<Definition extends AnyJobDefinition> {
	readonly jobs: readonly JobOf<Definition>[];
	/** Give it as `cursor` to get the next page; null on the last one. */
	readonly nextCursor: string | null;
}

/**
 * Darkroom as a page sees it. Give a definition's type to have jobs typed: `client.getJob<typeof plushie>(id)`.
 * Every method that asks the server rejects with a `ProblemError`, and whatever job comes back is known to all
 * watches at once. A watch asks for nothing until somebody subscribes to it.
 */
export interface DarkroomClient {
	/**
	 * Starts a job. After a submit that got no answer, the next one of the same kind and input cannot start a second
	 * job: it carries the same idempotency key.
	 * @throws ProblemError `invalid_input`, `insufficient_credits`, `conflict`, `too_many_active` and others
	 */
	submit<Definition extends AnyJobDefinition = JobDefinition>(
		kind: KindOf<Definition>,
		input: SubmitInputOf<Definition>,
		options?: SubmitOptions,
	): Promise<JobOf<Definition>>;
	/** @throws ProblemError `not_found`, also for someone else's */
	getJob<Definition extends AnyJobDefinition = JobDefinition>(jobId: string): Promise<JobOf<Definition>>;
	/** Newest first. */
	listJobs<Definition extends AnyJobDefinition = JobDefinition>(
		query?: TypedQuery<Definition>,
	): Promise<TypedPage<Definition>>;
	/** A job that is final already comes back as it is. @throws ProblemError `not_found` */
	cancelJob<Definition extends AnyJobDefinition = JobDefinition>(jobId: string): Promise<JobOf<Definition>>;
	/** A failed or cancelled job again. @throws ProblemError as `submit`, `invalid_transition` */
	retryJob<Definition extends AnyJobDefinition = JobDefinition>(jobId: string): Promise<JobOf<Definition>>;
	/** Fails the job that a subject is stuck on. @throws ProblemError `not_found` */
	clearSubject(subject: string): Promise<JobSnapshot>;
	/** Stores a file and resolves with its asset, whose `id` goes into a job's input. */
	upload(file: Blob, options?: UploadOptions): Promise<AssetSnapshot>;
	getCredits(): Promise<Balance>;
	/** Where an asset's bytes are, for `<img src>`. */
	assetUrl(assetId: string, options?: AssetUrlOptions): string;

	/** One job, live; null watches nothing. */
	watchJob<Definition extends AnyJobDefinition = JobDefinition>(jobId: string | null): JobWatch<Definition>;
	/** A filtered list, live. */
	watchJobs<Definition extends AnyJobDefinition = JobDefinition>(
		filter?: TypedFilter<Definition>,
	): JobListWatch<Definition>;
	/** The balance, live: one for the whole page. */
	readonly credits: CreditsWatch;
	/** A form's submit, which takes a double click for one. */
	createSubmitter<Definition extends AnyJobDefinition = JobDefinition>(kind: KindOf<Definition>): Submitter<Definition>;
	/** Call it when another person signs in without the page being loaded anew: everything known is forgotten. */
	reset(): void;
}

export function createClient(options: ClientOptions = {}): DarkroomClient {
	const { baseUrl = "/api", credentials = "same-origin", clock = browserClock, page = browserPage } = options;
	const settings = { baseUrl, credentials, fetch: options.fetch ?? ((...call) => fetch(...call)) };
	const request = createRequest(settings);
	const cache = new JobCache();
	const requests = new JobRequests(request, cache);
	const watcher = new Watcher({ request, cache, clock, page });
	const intents = new Intents();
	const windows = new JobWindows();
	const parts = { requests, cache, watcher, windows };

	async function submit(kind: string, input: unknown, { idempotencyKey }: SubmitOptions = {}): Promise<JobSnapshot> {
		const key = idempotencyKey ?? intents.begin(kind, input);
		try {
			return await requests.submit(kind, { input, idempotencyKey: key });
		} catch (error) {
			if (idempotencyKey === undefined && isProblemError(error) && error.isOutcomeUnknown) {
				intents.keepOpen(kind, input, key);
			}
			throw error;
		}
	}

	// The wire is trusted to carry what the definitions say: within, jobs are plain; the interface gives them types.
	const untyped = {
		submit,
		getJob: (jobId: string) => requests.readJob(jobId),
		listJobs: (query: ListQuery = {}) => requests.listJobs(query),
		cancelJob: (jobId: string) => requests.cancel(jobId),
		retryJob: (jobId: string) => requests.retry(jobId),
		clearSubject: (subject: string) => requests.clearSubject(subject),
		upload: (file: Blob, uploadOptions: UploadOptions = {}) => upload(file, uploadOptions, request, settings),
		getCredits: () => requests.readBalance(),
		assetUrl: (assetId: string, { width }: AssetUrlOptions = {}) =>
			`${baseUrl}/assets/${encodeURIComponent(assetId)}${width === undefined ? "" : `?w=${width}`}`,
		watchJob: (jobId: string | null) => new JobWatch(jobId, parts),
		watchJobs: (filter: JobFilter = {}) => new JobListWatch(filter, parts),
		credits: new CreditsWatch({ requests, cache, clock, page }),
		createSubmitter: (kind: string) =>
			new Submitter<AnyJobDefinition>((input, submitOptions) => submit(kind, input, submitOptions)),
		reset: () => {
			intents.clear();
			windows.clear();
			watcher.restart();
			cache.clear();
		},
	};
	return untyped as DarkroomClient;
}

import type { AssetSnapshot } from "../core/asset.ts";
import type { JobSnapshot } from "../core/job.ts";
import type { JobStatus } from "../core/status.ts";
import type { Balance } from "../credits/settlement.ts";
import type { ModelDescription, Role } from "../models/models.ts";
import type { LedgerEntry } from "../store/store.ts";
import type { AnyJobDefinition, JobDefinition } from "./define-job.ts";

/** Darkroom as an app's server holds it; made by `createDarkroom`. Every read names its viewer. */
export interface Darkroom {
	/**
	 * Accepts a job and answers at once; when the promise resolves the job is durable and its credits are held.
	 * @throws `unknown_kind`, `invalid_input`, `not_found` (an asset of the input), `conflict`, `too_many_active`,
	 * `insufficient_credits`, `idempotency_mismatch`, `store_unavailable`, `stopped`.
	 */
	submit<Kind extends string, Input, Output, Given>(
		definition: JobDefinition<Kind, Input, Output, Given> | Kind,
		request: SubmitRequest<Given>,
	): Promise<JobSnapshot<Kind, Output>>;
	/** @throws `not_found` */
	getJob(request: JobRequest): Promise<JobSnapshot>;
	/** Newest first. */
	listJobs(request: ListRequest): Promise<JobPage>;
	/** A job that is final already is returned as it is. @throws `not_found` */
	cancelJob(request: JobRequest): Promise<JobSnapshot>;
	/** A failed or cancelled job again; completed steps stay. @throws as `submit`, `invalid_transition` */
	retryJob(request: JobRequest): Promise<JobSnapshot>;
	/** Fails the subject's active job with code `cleared`. @throws `not_found` */
	clearSubject(request: { readonly viewer: string; readonly subject: string }): Promise<JobSnapshot>;
	/** Removes a final job and the assets that its steps stored. @throws `not_found`, `invalid_transition` */
	deleteJob(request: JobRequest): Promise<void>;
	/** Queued and running jobs of a kind, and the limit, for a form that wants to know before it is tried. */
	getActivity(request: {
		readonly viewer: string;
		readonly kind: string;
	}): Promise<{ active: number; limit: number | null }>;

	/** Follows all of a viewer's jobs until `stop` is called. */
	watch(request: WatchRequest): Watch;

	getBalance(viewer: string): Promise<Balance>;
	/** Once per owner and key. */
	grantCredits(grant: { readonly owner: string; readonly amount: number; readonly key: string }): Promise<Balance>;
	listEntries(viewer: string, limit?: number): Promise<readonly LedgerEntry[]>;
	/** Gives everything of one owner to another: jobs, assets, credits. For a guest who signs up. */
	transferOwner(transfer: { readonly from: string; readonly to: string }): Promise<void>;

	/** Reads no further than the limit. @throws `too_large`, `unsupported_image`, `unreadable_image` */
	uploadAsset(upload: { readonly owner: string; readonly body: ReadableStream<Uint8Array> }): Promise<AssetSnapshot>;
	getAsset(viewer: string, assetId: string): Promise<AssetSnapshot>;
	/** @throws `not_found` */
	openAsset(request: OpenAssetRequest): Promise<OpenedAsset>;

	/** The definitions, by kind. */
	readonly definitions: ReadonlyMap<string, AnyJobDefinition>;
	/** Replaces definitions in the living runtime, for hot reload. */
	define(definitions: readonly AnyJobDefinition[]): void;
	/** What each model role is served by. */
	readonly models: Readonly<Record<Role, ModelDescription>>;
	readonly uploadLimitBytes: number;
	/** Pixels that the shortest side of an upload needs. */
	readonly uploadMinSidePixels: number;
	/**
	 * Content types of the pictures that an upload can have on this machine, for a form that says so before it is tried.
	 * `image/heic` is among them only where it can be decoded. @throws `misconfigured` when sharp is not installed.
	 */
	readUploadTypes(): Promise<readonly string[]>;

	/**
	 * Opens the store and begins to work: what an earlier process has left goes on. Idempotent; a submit, a retry and the first
	 * request to a handler do it too. @throws as the store's opening, `stopped`
	 */
	start(): Promise<void>;
	/** Claims no more, ends every watch, waits for what runs, then hands it back. Idempotent. */
	stop(options?: { readonly graceMs?: number }): Promise<void>;
	/** Works off what is due for at most `budgetMs`, for cron and serverless hosts. */
	tick(budgetMs: number): Promise<{ readonly claimed: number; readonly remaining: boolean }>;
}

export interface SubmitRequest<Given = unknown> {
	readonly owner: string;
	readonly input: Given;
	/** The same key again gives the same job. At most 200 characters. */
	readonly idempotencyKey?: string;
	/** Default: the definition's, which is the only one that Inngest is told of. */
	readonly priority?: number;
	/** Not before this time, ms since 1970. Default: now. */
	readonly runAt?: number;
	/**
	 * A connection of the app's own with a transaction open on it: the job and the app's own rows are then committed together,
	 * or not at all, and the job begins after that. On Postgres a client of `pg`, on SQLite a `DatabaseSync` on the same file.
	 * On Postgres the transaction must be READ COMMITTED, as it is by default; a stricter one is refused as `misconfigured`.
	 * Keep such a transaction short: the owner's other jobs wait for it.
	 */
	readonly client?: unknown;
}

export interface JobRequest {
	readonly viewer: string;
	readonly jobId: string;
}

export interface ListRequest {
	readonly viewer: string;
	readonly kind?: string;
	readonly status?: readonly JobStatus[];
	readonly subject?: string;
	readonly cursor?: string;
	/** Default 20, at most 100. */
	readonly limit?: number;
}

export interface JobPage {
	readonly jobs: readonly JobSnapshot[];
	readonly nextCursor: string | null;
}

export interface WatchRequest {
	readonly viewer: string;
	/** What the watcher has seen already. Default: nothing yet; it is shown the active jobs first. */
	readonly cursor?: number;
	/** Never called twice for one version; in the order of changes. `cursor` is what to come back with. */
	readonly onJob: (job: JobSnapshot, cursor: number) => void;
	/** Called once, when the watch ends by itself: the runtime stops, or the store is gone. */
	readonly onEnd: () => void;
}

export interface Watch {
	/** Resolves when everything up to now has been shown, with the cursor to come back with. */
	readonly ready: Promise<number>;
	stop(): void;
}

export interface OpenAssetRequest {
	readonly viewer: string;
	readonly assetId: string;
	/** Pixels; rounded up to one of `thumbnailWidths`. Default: the whole picture. */
	readonly width?: number;
	/** Given the size, the part that is wanted; undefined for the whole. */
	readonly range?: (size: number) => { readonly start: number; readonly end: number } | undefined;
}

export interface OpenedAsset {
	readonly body: ReadableStream<Uint8Array>;
	readonly contentType: string;
	/** Bytes of the whole. */
	readonly size: number;
	/** Set when `body` is a part. */
	readonly range?: { readonly start: number; readonly end: number };
}

import type { Asset } from "../core/asset.ts";
import type { Failure } from "../core/errors.ts";
import type { ChargeMoment, Job, JobWithSteps, Step } from "../core/job.ts";
import type { JobStatus } from "../core/status.ts";
import type { Balance, EntryType } from "../credits/settlement.ts";

/**
 * Rows, and the only place where they change. Each method of a transition is atomic and durable when its
 * promise resolves; each that acts for a worker is fenced by its lease token and rejects with `lease_lost`
 * when the token is not the job's current one. The store has no clock: `now` (ms since 1970) always comes
 * in, so that a test can move time.
 *
 * Refusals are `DarkroomError`s and leave nothing behind. When the database is locked, full or gone, every
 * method rejects with `store_unavailable`.
 */
export interface Store {
	/** A name for logs, such as `sqlite`. */
	readonly name: string;

	/** Opens and migrates. Idempotent. @throws `misconfigured` when the schema is newer than this code. */
	open(): Promise<void>;
	/** Finishes what was asked for, then closes. */
	close(): Promise<void>;

	/**
	 * What a token begins with when its lease is to end with this process, instead of running out after it: the store sees when
	 * the process is gone, and the next sweep of any other takes back what it held. Empty where the store cannot see that.
	 */
	leasePrefix(): string;

	// ── jobs ────────────────────────────────────────────────────────────────────────────────────────────
	/**
	 * Admission, all or nothing: idempotency key, subject lock, owner's limit, hold, row.
	 * @throws `not_found` (an asset), `idempotency_mismatch`, `conflict` (data: `jobId status ageMs`), `too_many_active`
	 * (data: `limit active`), `insufficient_credits` (data: `needed available`).
	 *
	 * With `client`, a connection of the app's own with a transaction open on it, the job is written inside that transaction and
	 * exists when the app commits; everyone hears of it then, as of another process's work. No offer can be taken: the job must
	 * not run before. @throws `misconfigured` for a client that this store cannot use
	 */
	submitJob(submission: Submission, client?: unknown): Promise<Submitted>;
	/** The next jobs that wait for a worker, by priority, then `runAt`, then id; at most `limit`. */
	claimJobs(claim: Claim): Promise<Claimed[]>;
	/** One statement for all leases of a worker; none becomes shorter. The result is the tokens of those that are lost. */
	extendLeases(leases: readonly Lease[], leaseExpiresAt: number): Promise<string[]>;
	/** The try has begun. Resolves late; nobody needs to wait for it. */
	startStep(step: StepStart): Promise<void>;
	/**
	 * The result is kept for ever: a completed step never runs again. The very same once more is done, not refused: whoever lost the
	 * answer, and not the commit, asks again.
	 */
	completeStep(step: StepCompletion): Promise<void>;
	/** One try failed; the step may be tried again. */
	failStep(step: StepFailure): Promise<void>;
	/** What the job's code has to say meanwhile. */
	reportProgress(report: ProgressReport): Promise<void>;
	/**
	 * Gives the job back to the queue until `runAt`; that was no fault of its own, so it costs no attempt. A run that sleeps
	 * (`beginRun`) is known by its dispatch meanwhile.
	 */
	releaseJob(release: Release): Promise<void>;
	/** Final: output, capture of `due` credits, release of the rest. */
	completeJob(completion: Completion): Promise<void>;
	/** Final: release of everything not delivered. */
	failJob(failure: JobFailure): Promise<void>;
	/**
	 * Final, at the owner's wish: capture of `due` credits (default 0), release of the rest. A job that is final already
	 * is returned as it is. @throws `not_found`
	 */
	cancelJob(request: OwnersRequest & { readonly due?: number }): Promise<JobWithSteps>;
	/** A failed or cancelled job again, with a new hold; completed steps stay. @throws as `submitJob`, `invalid_transition` */
	retryJob(request: OwnersRequest & Pick<Submission, "activePerOwner">): Promise<JobWithSteps>;
	/** Fails the active job of a subject with code `cleared`. @throws `not_found` */
	clearSubject(request: { viewer: string; subject: string; now: number }): Promise<JobWithSteps>;
	/**
	 * Removes a final job and its steps; its ledger entries stay. Returns what it was. @throws `not_found`,
	 * `invalid_transition`
	 */
	deleteJob(request: OwnersRequest): Promise<JobWithSteps>;
	/**
	 * Returns what nobody works on any more to the queue, ends what is past its deadline, wakes what is due. A lease has ended
	 * when its time is over, or when its holder is seen to be gone (`leasePrefix`).
	 */
	sweep(sweep: Sweep): Promise<Swept>;

	// ── runs elsewhere: a service is sent an event for each job, and calls back with a run ───────────────
	/**
	 * Jobs that wait for a worker and whose event is due: not sent yet for this wait, or sent and not begun since; what has been
	 * due the longest comes first. Taken by one process alone, until it is due again. No change of the job, and no news.
	 */
	takeDispatches(take: DispatchTake): Promise<Dispatch[]>;
	/**
	 * Gives the job to the run that was begun for it, or lets that run go on: with a longer lease, or, where it sleeps, as if its
	 * time had come. Any other run is told why not.
	 */
	beginRun(begin: RunBegin): Promise<Begun>;
	/** The job with its steps, where it is this run's to end; else null. */
	readRun(run: Run): Promise<JobWithSteps | null>;
	/**
	 * Ends the job of a run that the engine's service has ended by itself; null, and nothing happens, where the job is not that
	 * run's (any more). A failure before the run has begun is none of the job's: its event is sent anew, as another change, and
	 * the answer is null.
	 */
	endRun(end: RunEnd): Promise<Job | null>;

	// ── reads; each names its viewer ────────────────────────────────────────────────────────────────────
	/** @throws `not_found`, also for someone else's. */
	readJob(viewer: string, jobId: string): Promise<JobWithSteps>;
	/** Newest first, by id. */
	listJobs(query: JobQuery): Promise<JobWithSteps[]>;
	/**
	 * The viewer's jobs that changed after `change`, in the order of their changes, as of one moment. `among` says which have
	 * changed as far as `onChange` told, for a store that can make use of it; not to be given where `onElsewhere` told of more.
	 */
	listChanges(viewer: string, change: number, limit: number, among?: readonly string[]): Promise<JobWithSteps[]>;
	/** The owner's newest change number: where a watcher that begins now begins. */
	readCursor(viewer: string): Promise<number>;
	/** How many jobs are before this queued one, capped at `furthestPosition`; null for one that waits for its time. */
	readQueuePosition(job: Job): Promise<number | null>;
	/** Active jobs of a kind and owner, for a form that wants to know before it is tried. */
	countActive(viewer: string, kind: string): Promise<number>;
	/**
	 * Duration (of the run) and number of steps of the latest completed jobs of a kind, newest first. Only of those that one
	 * attempt completed: others' rows hold how long they lay still, too.
	 */
	listDurations(kind: string, limit: number): Promise<{ durationMs: number; steps: number }[]>;

	// ── the worker's own reads, for jobs that it holds ──────────────────────────────────────────────────
	/** Steps of a job that is claimed again. */
	listSteps(lease: Lease): Promise<Step[]>;
	/** Whose the jobs of these leases are now, by lease token, extending none. One that is lost is not among them. */
	findOwners(leases: readonly Lease[]): Promise<ReadonlyMap<string, string>>;

	// ── credits ─────────────────────────────────────────────────────────────────────────────────────────
	readBalance(viewer: string): Promise<Balance>;
	/** Adds (or, negative, takes) posted credits, once per `key`. @throws `insufficient_credits` */
	grantCredits(grant: Grant): Promise<Balance>;
	/** Newest first. */
	listEntries(viewer: string, limit: number): Promise<LedgerEntry[]>;
	/**
	 * Everything of one owner becomes another's, in one transaction: jobs, assets, credits, holds. A running job stays with its
	 * worker, whose lease, named with the old owner or the new one, is good as before: what it writes from now on is the new
	 * owner's. Only where the new owner has no running place left it goes back to the queue, at no cost of an attempt. What
	 * the jobs moved (`capture`, `refund`) stands in the new owner's statement from now on, and a `transfer` entry moves the
	 * rest, so that each owner's entries still add up to that owner's balance.
	 */
	transferOwner(transfer: { from: string; to: string; now: number }): Promise<void>;

	// ── assets' rows ────────────────────────────────────────────────────────────────────────────────────
	/**
	 * With the lease of a job that stores it, its owner is the job's, whoever that is in this moment, and the answer says who.
	 * @throws `lease_lost`
	 */
	createAsset(asset: Asset, lease?: Lease): Promise<Asset>;
	/** @throws `not_found`, also for someone else's. */
	readAsset(viewer: string, assetId: string): Promise<Asset>;
	/** A job uses it: it is no orphan. @throws `not_found` */
	keepAsset(viewer: string, assetId: string, now: number): Promise<Asset>;
	/** Whether any of the viewer's jobs names it in its input. */
	isAssetInUse(viewer: string, assetId: string): Promise<boolean>;
	/**
	 * From now on it does not exist for anyone. Its row stays until `deleteAsset`, as the way to its bytes.
	 * @throws `not_found`
	 */
	removeAsset(viewer: string, assetId: string, now: number): Promise<void>;
	/** The row of a removed asset, when its bytes are gone; any other stays. */
	deleteAsset(assetId: string): Promise<void>;
	/**
	 * Removes uploads created before `createdBefore` that no job ever used, and lists what was removed and still has its row, the
	 * earliest first: these, and what nobody has finished.
	 */
	takeOrphanAssets(orphans: { createdBefore: number; now: number; limit: number }): Promise<Asset[]>;

	// ── news ────────────────────────────────────────────────────────────────────────────────────────────
	/** Calls after each commit with what it changed, from this process. Returns the way to stop it. */
	onChange(listener: (changes: readonly Change[]) => void): () => void;
	/** Calls when another process has committed. Returns the way to stop it. */
	onElsewhere(listener: (news: Elsewhere) => void): () => void;
}

/** No queue position further back than this is counted out. */
export const furthestPosition = 1_000;

/**
 * A worker's right to a job. Owner and kind stand beside it so that news of a change need not look them up; the owner may be
 * one whose the job was since it was claimed.
 */
export interface Lease {
	readonly jobId: string;
	readonly leaseToken: string;
	readonly owner: string;
	readonly kind: string;
}

/** The right to a job, offered with its submit: a worker is free, so it may be claimed in the same commit. */
export interface ClaimOffer {
	readonly leaseToken: string;
	readonly leaseExpiresAt: number;
}

export interface Submission {
	readonly id: string;
	readonly kind: string;
	readonly owner: string;
	readonly subject: string | null;
	/** An active job of the subject older than this is cleared by the submit itself; null: never. */
	readonly staleAfterMs: number | null;
	readonly idempotencyKey: string | null;
	/** JSON text. */
	readonly input: string;
	/** Assets that the input names: the owner's, or the submit is refused; kept from now on. */
	readonly assets: readonly string[];
	readonly price: number;
	readonly charge: ChargeMoment;
	readonly activePerOwner: number | null;
	readonly runningPerOwner: number | null;
	readonly priority: number;
	/** Now, or later for a delayed start. */
	readonly runAt: number;
	/** How long it may wait in the queue after `runAt`. */
	readonly queueTimeoutMs: number;
	readonly timeoutMs: number;
	readonly maxAttempts: number;
	/** What the job's progress is counted against; null: nothing is known of its kind. */
	readonly expectedSteps: number | null;
	readonly now: number;
	readonly offer: ClaimOffer | null;
}

export interface Submitted {
	readonly job: Job;
	/** False when the idempotency key named a job that was there already. */
	readonly created: boolean;
	/** Whether the offer was taken: the job is running under the offered lease. */
	readonly claimed: boolean;
}

export interface Claim {
	/** Kinds this worker can run. */
	readonly kinds: readonly string[];
	readonly limit: number;
	readonly leaseExpiresAt: number;
	readonly now: number;
	/** Makes a fresh token for each job. */
	readonly newLeaseToken: () => string;
}

export interface Claimed {
	readonly job: Job;
	/** Of earlier attempts; empty on the first. */
	readonly steps: readonly Step[];
}

export interface StepStart extends Lease {
	readonly name: string;
	/** Its place among the job's steps, from 0, by when each first started: no other step's, and the same in every attempt. */
	readonly position: number;
	/** Which try this is, from 1. */
	readonly attempts: number;
	/** An asset to be shown already; null keeps what is shown. */
	readonly preview: string | null;
	readonly now: number;
}

/**
 * A step was given the place of another, by a store that knows steps by their places. Two parts of a run that are called for each on their
 * own may find new steps at the same time; whoever comes second looks for another place.
 */
export class PlaceTakenError extends Error {
	override readonly name = "PlaceTakenError";
}

export interface StepCompletion extends StepStart {
	/** JSON text. */
	readonly output: string;
	readonly startedAt: number;
	/** Assets that the step stored: from now on they are no orphans. */
	readonly keeps: readonly string[];
}

export interface StepFailure extends StepStart {
	readonly error: Failure;
	readonly startedAt: number;
}

export interface ProgressReport extends Lease {
	/** 0 to 100; a lower one than before is ignored. */
	readonly progress: number | null;
	readonly message: string | null;
	readonly now: number;
}

export interface Release extends Lease {
	readonly runAt: number;
	readonly now: number;
}

export interface Completion extends Lease {
	/** JSON text. */
	readonly output: string;
	/** What was delivered, in credits; cut to the price. */
	readonly due: number;
	readonly now: number;
}

export interface JobFailure extends Lease {
	readonly error: Failure;
	readonly due: number;
	readonly now: number;
}

export interface OwnersRequest {
	readonly viewer: string;
	readonly jobId: string;
	readonly now: number;
}

export interface Sweep {
	readonly now: number;
	/** At most this many rows of each sort in one sweep, so that it never holds the database long. */
	readonly limit: number;
}

/** What a sweep did. Jobs it ended still want their definition's `onFailure`. */
export interface Swept {
	readonly ended: readonly Job[];
	/** Returned to the queue because their worker was lost. */
	readonly returned: number;
	/** Now wait for a worker. */
	readonly woken: number;
	/** When a sweep has something to do next, as far as is known now; or null. */
	readonly nextDueAt: number | null;
}

export interface DispatchTake {
	readonly kinds: readonly string[];
	readonly limit: number;
	readonly now: number;
	/** When a job is due again unless its run has begun: after `firstMs`, then twice that and so on, at most `mostMs`. */
	readonly firstMs: number;
	readonly mostMs: number;
}

/** An event that is to be sent now. */
export interface Dispatch {
	readonly jobId: string;
	readonly owner: string;
	readonly kind: string;
	/** The change with which this wait began: the same each time that it is sent, another for each wait. */
	readonly change: number;
	/** How often it has been taken for this wait, this time included. */
	readonly sends: number;
}

/**
 * A run of the engine's service. It is the job's while the job runs under its token, and, known by its dispatch, before it has
 * begun and while it sleeps.
 */
export interface Run {
	readonly jobId: string;
	/** The run's id. */
	readonly leaseToken: string;
	/** The change by which it was begun; null where that is not known. */
	readonly dispatch: number | null;
}

export interface RunBegin extends Run {
	readonly leaseExpiresAt: number;
	readonly now: number;
}

/**
 * What became of a run that wants to begin or to go on: it has the job, or why not.
 *
 * - `unknown`: there is no such job (any more)
 * - `final`: it has ended
 * - `held`: another run has it
 * - `waits`: it waits for its time, not by this run's wish, or for one of its owner's running places
 * - `superseded`: it waits anew, and another event is or will be sent for that
 */
export type Begun =
	| {
			readonly claimed: Claimed;
			/** Whether it had the job already, so that this is no new attempt. False for one that slept. */
			readonly isResumed: boolean;
	  }
	| { readonly claimed: null; readonly reason: "unknown" | "final" | "held" | "waits" | "superseded" };

export interface RunEnd extends Run {
	readonly as: "cancelled" | Failure;
	/** Credits of what was delivered; cut to the price. */
	readonly due: number;
	readonly now: number;
}

export interface JobQuery {
	readonly viewer: string;
	readonly kind?: string;
	readonly status?: readonly JobStatus[];
	readonly subject?: string;
	/** Only jobs with a smaller id. */
	readonly before?: string;
	readonly limit: number;
}

export interface Grant {
	readonly owner: string;
	/** Whole credits. */
	readonly amount: number;
	/** Granted once per owner and key, however often it is asked for. */
	readonly key: string;
	readonly now: number;
}

export interface LedgerEntry {
	readonly owner: string;
	readonly type: EntryType;
	readonly posted: number;
	readonly held: number;
	readonly jobId: string | null;
	readonly createdAt: number;
}

/** One job's change: enough to know who wants to look, never what is in it. */
export interface Change {
	readonly owner: string;
	readonly jobId: string;
	readonly change: number;
	readonly kind: string;
	readonly status: JobStatus;
	/** Set on the change that ended the job. */
	readonly hasEnded?: boolean;
	/** The lease that a cancel, a clear or a sweep took away, so that its worker can stop at once. */
	readonly revokedLeaseToken?: string | null;
	/** The lease that goes on, of a running job that has become this owner's. */
	readonly movedLeaseToken?: string | null;
	/** Set on a job that now waits for a worker. */
	readonly claimable?: boolean;
}

/** What another process did, as far as a store can tell: whoever is concerned looks for themselves. */
export interface Elsewhere {
	/** Whose jobs changed; null: anyone's may have. */
	readonly owners: readonly string[] | null;
	/** Whether something may wait for a worker. */
	readonly claimable: boolean;
	/** Leases that were taken away; null: any may have been, or its job may have become another owner's. */
	readonly revokedLeaseTokens: readonly string[] | null;
	/** Owners whose everything was given to another. Never left out: what a store could not hear of, it looks for. May repeat. */
	readonly movedOwners?: readonly string[];
}

/** What a store says that cannot tell what happened: anything may have, to anyone. */
export const anything: Elsewhere = { owners: null, claimable: true, revokedLeaseTokens: null };

import type { Clock } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Logger } from "../../core/logger.ts";
import type { Change, Claimed, ClaimOffer, Elsewhere, Store } from "../../store/store.ts";
import type { Executor } from "../executor.ts";
import type { JobRun } from "../job-run.ts";

export interface WorkersOptions {
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Jobs that run at once here. */
	readonly concurrency: number;
	readonly leaseMs: number;
	readonly kinds: () => readonly string[];
	readonly ids: Pick<Ids, "newLeaseToken">;
}

/** Why a job stops here, after its name. */
const ranOut = "is no longer this worker's: its lease ran out.";

/**
 * The places of this process: claims when one is free and something waits, runs what it claimed, keeps its
 * leases alive.
 *
 *     submit here ── offer a free place with it ── taken in the very commit ──► run
 *     news of a claimable job, a place that came free, a sweep ── wake ── claim ──► run
 */
export class Workers {
	readonly #options: WorkersOptions;
	/** What runs here, by lease token. */
	readonly #held = new Map<string, JobRun>();
	/** New owners of jobs whose claim is not answered yet, by lease token: both may be of one commit. */
	readonly #movedEarly = new Map<string, string>();
	/** Places promised to a submit or a claim that is on its way. */
	#reserved = 0;
	#claimed = 0;
	#isClosed = false;
	#isHandingBack = false;
	#isClaiming = false;
	/** News of claimable work came since the last claim that found nothing. */
	#mayWait = true;
	readonly #onIdle = new Set<() => void>();

	constructor(options: WorkersOptions) {
		this.#options = options;
	}

	/** Jobs claimed here since this process began; those that a submit brought along are not counted. */
	get claimed(): number {
		return this.#claimed;
	}

	/** A job runs here, or may be on its way. */
	get isBusy(): boolean {
		return this.#held.size > 0 || this.#reserved > 0;
	}

	get #free(): number {
		return this.#isClosed ? 0 : this.#options.concurrency - this.#held.size - this.#reserved;
	}

	/** A free place for a job that is being submitted, to be taken or given back; null when all are in use. */
	offer(): ClaimOffer | null {
		if (this.#free <= 0) return null;
		this.#reserved++;
		const { ids, clock, leaseMs } = this.#options;
		return { leaseToken: ids.newLeaseToken(), leaseExpiresAt: clock.now() + leaseMs };
	}

	take(job: Job): void {
		this.#reserved--;
		this.#begin({ job, steps: [] });
		this.#forgetMoves();
	}

	giveBack(): void {
		this.#reserved--;
		this.#forgetMoves();
		this.#claimIfFree();
		this.#tellIfIdle();
	}

	/** Looks for work, whatever the news. */
	wake(): void {
		this.#mayWait = true;
		this.#claimIfFree();
	}

	/** Claims as many as there are free places, and runs them. */
	async #claim(limit: number): Promise<void> {
		const { store, clock, leaseMs, kinds, logger, ids } = this.#options;
		this.#isClaiming = true;
		this.#reserved += limit;
		this.#mayWait = false;
		let claimed: readonly Claimed[] = [];
		try {
			const now = clock.now();
			const { newLeaseToken } = ids;
			claimed = await store.claimJobs({ kinds: kinds(), limit, leaseExpiresAt: now + leaseMs, now, newLeaseToken });
		} catch (error) {
			// What waits is safe in the store, and the next sweep that finds it there wakes us again. Not the news that came
			// meanwhile, which may be of this very failure: whoever follows it asks a store that is away as fast as it refuses.
			this.#mayWait = false;
			logger.error({ err: error as Error }, "could not claim");
		}
		this.#isClaiming = false;
		this.#reserved -= limit;
		this.#claimed += claimed.length;
		if (claimed.length > 0) this.#mayWait = true;
		for (const one of claimed) {
			if (one.job.attempt > 1) this.#supersede(one.job.id);
			this.#begin(one);
		}
		this.#forgetMoves();
		// Again, for what there is more of, and for news that came meanwhile to a claim that was answered.
		this.#claimIfFree();
		this.#tellIfIdle();
	}

	onChange(change: Change): void {
		if (change.claimable) this.wake();
		if (change.movedLeaseToken) this.#move(change.movedLeaseToken, change.owner);
		if (!change.revokedLeaseToken) return;
		const code = change.status === "cancelled" ? "cancelled" : "lease_lost";
		const detail = `Job ${change.jobId} was ended or taken away while it ran.`;
		this.#held.get(change.revokedLeaseToken)?.interrupt({
			type: "aborted",
			reason: new DarkroomError(code, { detail }),
		});
	}

	#move(leaseToken: string, owner: string): void {
		const run = this.#held.get(leaseToken);
		if (run) run.moveTo(owner);
		else if (this.#reserved > 0) this.#movedEarly.set(leaseToken, owner);
	}

	/** When no claim is on its way any more, they were of other processes' jobs. */
	#forgetMoves(): void {
		if (this.#reserved === 0) this.#movedEarly.clear();
	}

	/** What another process did may wake this one, or have taken one of its jobs away, or given it to another owner. */
	async onElsewhere({ claimable, revokedLeaseTokens }: Elsewhere): Promise<void> {
		if (claimable) this.wake();
		if (this.#held.size === 0) return;
		if (revokedLeaseTokens === null) return this.#lookAfterLeases();
		for (const token of revokedLeaseTokens) this.#held.get(token)?.loseLease(ranOut);
	}

	async #lookAfterLeases(): Promise<void> {
		const { store, logger } = this.#options;
		const leases = [...this.#held.values()].map(({ lease }) => lease);
		try {
			const owners = await store.findOwners(leases);
			for (const lease of leases) this.#held.get(lease.leaseToken)?.found(owners.get(lease.leaseToken), lease);
		} catch (error) {
			// The next heartbeat finds what is lost.
			logger.warn({ err: error as Error }, "could not look after leases");
		}
	}

	/** One statement for all leases. */
	async heartbeat(): Promise<void> {
		const { store, clock, leaseMs, logger } = this.#options;
		if (this.#held.size === 0) return;
		const held = [...this.#held.values()];
		const expiresAt = clock.now() + leaseMs;
		try {
			const leases = held.map(({ lease }) => lease);
			const lost = new Set(await store.extendLeases(leases, expiresAt));
			for (const run of held) {
				if (lost.has(run.lease.leaseToken)) run.loseLease(ranOut);
				else run.leaseExpiresAt = expiresAt;
			}
		} catch (error) {
			logger.error({ err: error as Error }, "could not extend leases");
			// Without a word from the store, a lease is over when its time is: another worker may have the job by now.
			for (const run of held) if (run.leaseExpiresAt <= clock.now()) run.loseLease(ranOut);
		}
	}

	/** The same when a lease may have run out unseen, as after a pause of the whole process. */
	async heartbeatIfLate(): Promise<void> {
		const now = this.#options.clock.now();
		for (const run of this.#held.values()) if (run.leaseExpiresAt <= now) return this.heartbeat();
	}

	/** Resolves when nothing runs here or is on its way, or after `graceMs`. */
	idle(graceMs: number): Promise<void> {
		return new Promise((resolve) => {
			if (!this.isBusy || graceMs <= 0) return resolve();
			const done = () => {
				this.#onIdle.delete(done);
				cancel();
				resolve();
			};
			const cancel = this.#options.clock.after(graceMs, done);
			this.#onIdle.add(done);
		});
	}

	/** Claims no more. */
	close(): void {
		this.#isClosed = true;
	}

	/** Gives back what still runs, and what a claim on its way still brings, at no cost to it. */
	async handBack(): Promise<void> {
		this.#isHandingBack = true;
		for (const run of this.#held.values()) handBack(run);
		if (this.isBusy) await new Promise<void>((resolve) => this.#onIdle.add(resolve));
	}

	#begin(claimed: Claimed): void {
		const { executor } = this.#options;
		const run = executor.prepare(claimed);
		const token = run.lease.leaseToken;
		const movedTo = this.#movedEarly.get(token);
		if (movedTo !== undefined) run.moveTo(movedTo);
		if (this.#isHandingBack) handBack(run);
		this.#held.set(token, run);
		void executor.execute(run).then(() => {
			this.#held.delete(token);
			this.#claimIfFree();
			this.#tellIfIdle();
		});
	}

	/** Who claims a job anew has lost the lease before: its own older run is told at once, not at its next write. */
	#supersede(jobId: string): void {
		for (const run of this.#held.values()) if (run.job.id === jobId) run.loseLease(ranOut);
	}

	#claimIfFree(): void {
		const free = this.#free;
		// Half of them at a time: with none left to offer, every submit of the meantime would have to queue and be claimed.
		if (this.#mayWait && !this.#isClaiming && free > 0) void this.#claim(Math.ceil(free / 2));
	}

	#tellIfIdle(): void {
		if (this.#onIdle.size === 0 || this.isBusy) return;
		for (const tell of this.#onIdle) tell();
		this.#onIdle.clear();
	}
}

function handBack(run: JobRun): void {
	const reason = new DarkroomError("stopped", { detail: "This worker stops; the job goes on with another." });
	run.interrupt({ type: "aborted", reason });
}

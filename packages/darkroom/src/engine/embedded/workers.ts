import type { Clock } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Logger } from "../../core/logger.ts";
import type { Change, Claimed, ClaimOffer, Elsewhere, Store } from "../../store/store.ts";
import type { Executor } from "../executor.ts";
import { HeldRuns } from "../held-runs.ts";
import type { JobRun } from "../job-run.ts";
import type { StoreOutage } from "../store-outage.ts";

export interface WorkersOptions {
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly outage: StoreOutage;
	/** Jobs that run at once here. */
	readonly concurrency: number;
	readonly leaseMs: number;
	readonly kinds: () => readonly string[];
	readonly ids: Pick<Ids, "newLeaseToken">;
}

/**
 * The places of this process: claims when one is free and something waits, runs what it claimed, keeps its
 * leases alive.
 *
 *     submit here ── offer a free place with it ── taken in the very commit ──► run
 *     news of a claimable job, a place that came free, a sweep ── wake ── claim ──► run
 */
export class Workers {
	/** What runs here. */
	readonly held: HeldRuns;
	readonly #options: WorkersOptions;
	/** This process runs what it claims, so its leases end with it. */
	readonly #newLeaseToken = () => this.#options.store.leasePrefix() + this.#options.ids.newLeaseToken();
	/** New owners of jobs whose claim is not answered yet, by lease token: both may be of one commit. */
	readonly #movedEarly = new Map<string, string>();
	/** Places promised to a submit or a claim that is on its way. */
	#reserved = 0;
	#claimed = 0;
	#isClosed = false;
	#isHandingBack = false;
	#isClaiming = false;
	/** The last claim got as many as it asked for: there are more. */
	#isBehind = false;
	/** News of claimable work came since the last claim that found nothing. */
	#mayWait = true;
	readonly #onIdle = new Set<() => void>();

	constructor(options: WorkersOptions) {
		this.#options = options;
		this.held = new HeldRuns(options);
	}

	/** Jobs claimed here since this process began; those that a submit brought along are not counted. */
	get claimed(): number {
		return this.#claimed;
	}

	/** A job runs here, or may be on its way. */
	get isBusy(): boolean {
		return this.held.size > 0 || this.#reserved > 0;
	}

	get #free(): number {
		return this.#isClosed ? 0 : this.#options.concurrency - this.held.size - this.#reserved;
	}

	/** A free place for a job that is being submitted, to be taken or given back; null when all are in use. */
	offer(): ClaimOffer | null {
		if (this.#free <= 0) return null;
		this.#reserved++;
		const { clock, leaseMs } = this.#options;
		return { leaseToken: this.#newLeaseToken(), leaseExpiresAt: clock.now() + leaseMs };
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
		const { store, clock, leaseMs, kinds, logger, outage } = this.#options;
		this.#isClaiming = true;
		this.#reserved += limit;
		this.#mayWait = false;
		let claimed: readonly Claimed[] = [];
		try {
			const now = clock.now();
			const newLeaseToken = this.#newLeaseToken;
			claimed = await store.claimJobs({ kinds: kinds(), limit, leaseExpiresAt: now + leaseMs, now, newLeaseToken });
			outage.answered();
		} catch (error) {
			// What waits is safe in the store, and the next sweep that finds it there wakes us again. Not the news that came
			// meanwhile, which may be of this very failure: whoever follows it asks a store that is away as fast as it refuses.
			this.#mayWait = false;
			if (!outage.explains(error, "claim")) logger.error({ err: error as Error }, "could not claim");
		}
		this.#isClaiming = false;
		this.#isBehind = claimed.length === limit;
		this.#reserved -= limit;
		this.#claimed += claimed.length;
		if (claimed.length > 0) this.#mayWait = true;
		for (const one of claimed) {
			if (one.job.attempt > 1) this.held.supersede(one.job.id);
			this.#begin(one);
		}
		this.#forgetMoves();
		// Again, for what there is more of, and for news that came meanwhile to a claim that was answered.
		this.#claimIfFree();
		this.#tellIfIdle();
	}

	onChange(change: Change): void {
		const { claimable, movedLeaseToken, owner } = change;
		if (claimable) this.wake();
		if (movedLeaseToken && !this.held.move(movedLeaseToken, owner) && this.#reserved > 0) {
			this.#movedEarly.set(movedLeaseToken, owner);
		}
		this.held.onChange(change);
	}

	/** When no claim is on its way any more, they were of other processes' jobs. */
	#forgetMoves(): void {
		if (this.#reserved === 0) this.#movedEarly.clear();
	}

	async onElsewhere(news: Elsewhere): Promise<void> {
		if (news.claimable) this.wake();
		await this.held.onElsewhere(news);
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
		for (const run of this.held.all()) handBack(run);
		if (this.isBusy) await new Promise<void>((resolve) => this.#onIdle.add(resolve));
	}

	#begin(claimed: Claimed): void {
		const { executor } = this.#options;
		const run = executor.prepare(claimed);
		const token = run.lease.leaseToken;
		const movedTo = this.#movedEarly.get(token);
		if (movedTo !== undefined) run.moveTo(movedTo);
		if (this.#isHandingBack) handBack(run);
		this.held.add(run);
		void executor.execute(run).then(() => {
			this.held.remove(run);
			this.#claimIfFree();
			this.#tellIfIdle();
		});
	}

	#claimIfFree(): void {
		const free = this.#free;
		if (!this.#mayWait || this.#isClaiming || free <= 0) return;
		// Half of them at a time: with none left to offer, every submit of the meantime would have to queue and be claimed. Where
		// more wait than there is room for, that is so already.
		void this.#claim(this.#isBehind ? free : Math.ceil(free / 2));
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

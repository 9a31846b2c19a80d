import type { Clock } from "../../core/clock.ts";
import { toMs } from "../../core/duration.ts";
import type { Ids } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import type { Change, Store } from "../../store/store.ts";
import type { Executor } from "../executor.ts";
import type { EmbeddedOptions } from "./options.ts";
import { Workers } from "./workers.ts";

/** Rows of each sort that one sweep takes on; more are left for the next, at once. */
const sweepLimit = 200;
/** Orphaned uploads are looked for this often, in ms. */
const orphansEveryMs = 10 * 60_000;

export interface EmbeddedEngineOptions {
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly kinds: () => readonly string[];
	readonly ids: Ids;
	readonly sweepOrphans: (olderThanMs: number) => Promise<void>;
	readonly settings: EmbeddedOptions;
}

/**
 * Drives jobs in the app's own process. One timer keeps all leases alive, one sweeps; everything else happens
 * because of news. If this process dies, its leases run out, and the sweeper of any living one returns its jobs
 * to the queue.
 */
export class EmbeddedEngine {
	readonly workers: Workers;
	readonly #options: EmbeddedEngineOptions;
	readonly #leaseMs: number;
	readonly #sweepEveryMs: number;
	readonly #keepUploadsMs: number;
	readonly #works: boolean;
	readonly #timers = new Map<string, () => void>();
	#isRunning = false;
	#stopListening: readonly (() => void)[] = [];

	constructor(options: EmbeddedEngineOptions) {
		const { settings } = options;
		const concurrency = settings.concurrency ?? 50;
		this.#options = options;
		this.#leaseMs = toMs(settings.lease ?? "30s");
		this.#sweepEveryMs = toMs(settings.sweepEvery ?? "1s");
		this.#keepUploadsMs = toMs(settings.keepUploads ?? "24h");
		this.#works = concurrency > 0;
		this.workers = new Workers({ ...options, concurrency, leaseMs: this.#leaseMs });
	}

	start(): void {
		if (this.#isRunning || !this.#works) return;
		this.#isRunning = true;
		const { store } = this.#options;
		this.#stopListening = [
			store.onChange((changes) => {
				for (const change of changes) this.#onChange(change);
			}),
			store.onElsewhere((news) => void this.workers.onElsewhere(news)),
		];
		this.#repeat("heartbeat", this.#leaseMs / 3, () => this.workers.heartbeat());
		this.#repeat("orphans", orphansEveryMs, () => this.#options.sweepOrphans(this.#keepUploadsMs));
		// The first sweep at once: it finds what a worker that died has left.
		this.#timers.set(
			"sweep",
			this.#options.clock.after(0, () => this.#sweepAgain()),
		);
		this.workers.wake();
	}

	#onChange(change: Change): void {
		const { jobId, kind, status, revokedLeaseToken } = change;
		if (revokedLeaseToken && status === "queued") {
			this.#options.logger.warn({ jobId, kind }, "job taken back from its worker");
		}
		this.workers.onChange(change);
	}

	/** Claims no more, waits, then hands back what is unfinished. */
	async stop(graceMs: number): Promise<void> {
		this.workers.close();
		await this.workers.idle(graceMs);
		await this.workers.handBack();
		this.#isRunning = false;
		for (const cancel of this.#timers.values()) cancel();
		for (const stop of this.#stopListening) stop();
	}

	/** Works until nothing is due or the time is up. What still runs then goes on while this process lives. */
	async tick(budgetMs: number): Promise<{ claimed: number; remaining: boolean }> {
		const { clock } = this.#options;
		const endsAt = clock.now() + budgetMs;
		const before = this.workers.claimed;
		let isMore = true;
		while (isMore) isMore = (await this.#sweep()).isMore;
		// The sweep has set the workers to claiming; they go on until they find nothing.
		await this.workers.idle(endsAt - clock.now());
		return { claimed: this.workers.claimed - before, remaining: this.workers.isBusy };
	}

	/** Calls `work` again and again, each time `everyMs` after the last has ended. */
	#repeat(name: string, everyMs: number, work: () => Promise<void>): void {
		const again = async () => {
			await work();
			if (this.#isRunning) this.#repeat(name, everyMs, work);
		};
		this.#timers.set(name, this.#options.clock.after(everyMs, again));
	}

	async #sweepAgain(): Promise<void> {
		const waitMs = await this.#trySweep();
		if (this.#isRunning)
			this.#timers.set(
				"sweep",
				this.#options.clock.after(waitMs, () => this.#sweepAgain()),
			);
	}

	/** One sweep; the result says in how many ms the next has something to do. */
	async #trySweep(): Promise<number> {
		const { clock, logger } = this.#options;
		try {
			const { nextDueAt } = await this.#sweep();
			if (nextDueAt === null) return this.#sweepEveryMs;
			return Math.max(1, Math.min(this.#sweepEveryMs, nextDueAt - clock.now()));
		} catch (error) {
			logger.error({ err: error as Error }, "could not sweep");
			return this.#sweepEveryMs;
		}
	}

	/** @throws `store_unavailable` */
	async #sweep(): Promise<{ readonly isMore: boolean; readonly nextDueAt: number | null }> {
		const { store, clock, logger } = this.#options;
		// After a pause of this process its own leases have run out too, and may still be its to extend.
		await this.workers.heartbeatIfLate();
		const { ended, returned, woken, nextDueAt } = await store.sweep({ now: clock.now(), limit: sweepLimit });
		for (const job of ended) {
			logger.warn({ jobId: job.id, kind: job.kind, code: job.error?.code }, "job ended by the sweeper");
		}
		this.workers.wake();
		return { isMore: ended.length + returned + woken >= sweepLimit, nextDueAt };
	}
}

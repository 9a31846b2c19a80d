import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Store } from "../store/store.ts";
import type { StoreOutage } from "./store-outage.ts";

/** Rows of each sort that one sweep takes on; more are left for the next, at once. */
const sweepLimit = 200;
/** Orphaned uploads are looked for this often, in ms. */
const orphansEveryMs = 10 * 60_000;

export interface UpkeepOptions {
	readonly store: Store;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly outage: StoreOutage;
	readonly leaseMs: number;
	readonly sweepEveryMs: number;
	readonly keepUploadsMs: number;
	/** Extends all leases of this process. */
	readonly heartbeat: () => Promise<void>;
	/** The same when one may have run out unseen, as after a pause of the whole process. */
	readonly heartbeatIfLate: () => Promise<void>;
	/** What was swept may have made jobs wait for a worker. */
	readonly onSwept: () => void;
	readonly sweepOrphans: (olderThanMs: number) => Promise<void>;
}

/**
 * What every engine does beside running jobs: one timer keeps all leases alive, one sweeps, one removes uploads that
 * nobody used. If this process dies, its leases end, as soon as the store sees it or else when they run out, and the sweeper
 * of any living one returns its jobs to the queue.
 */
export class Upkeep {
	readonly #options: UpkeepOptions;
	readonly #timers = new Map<string, () => void>();
	#isRunning = false;

	constructor(options: UpkeepOptions) {
		this.#options = options;
	}

	get isRunning(): boolean {
		return this.#isRunning;
	}

	start(): void {
		const { clock, leaseMs, keepUploadsMs, heartbeat, sweepOrphans } = this.#options;
		this.#isRunning = true;
		this.#repeat("heartbeat", leaseMs / 3, heartbeat);
		this.#repeat("orphans", orphansEveryMs, () => sweepOrphans(keepUploadsMs));
		// The first sweep at once: it finds what a worker that died has left.
		this.#timers.set(
			"sweep",
			clock.after(0, () => this.#sweepAgain()),
		);
	}

	stop(): void {
		this.#isRunning = false;
		for (const cancel of this.#timers.values()) cancel();
	}

	/** Sweeps until nothing is due. @throws `store_unavailable` */
	async sweepAll(): Promise<void> {
		let isMore = true;
		while (isMore) isMore = (await this.#sweep()).isMore;
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
		const { clock, logger, outage, sweepEveryMs } = this.#options;
		try {
			const { nextDueAt } = await this.#sweep();
			outage.answered();
			if (nextDueAt === null) return sweepEveryMs;
			return Math.max(1, Math.min(sweepEveryMs, nextDueAt - clock.now()));
		} catch (error) {
			if (!outage.explains(error, "sweep")) logger.error({ err: error as Error }, "could not sweep");
			return sweepEveryMs;
		}
	}

	async #sweep(): Promise<{ readonly isMore: boolean; readonly nextDueAt: number | null }> {
		const { store, clock, logger, heartbeatIfLate, onSwept } = this.#options;
		// After a pause of this process its own leases have run out too, and may still be its to extend.
		await heartbeatIfLate();
		const { ended, returned, woken, nextDueAt } = await store.sweep({ now: clock.now(), limit: sweepLimit });
		for (const job of ended) {
			logger.warn({ jobId: job.id, kind: job.kind, code: job.error?.code }, "job ended by the sweeper");
		}
		onSwept();
		return { isMore: ended.length + returned + woken >= sweepLimit, nextDueAt };
	}
}

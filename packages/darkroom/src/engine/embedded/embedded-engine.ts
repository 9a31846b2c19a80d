import type { Clock } from "../../core/clock.ts";
import { toMs } from "../../core/duration.ts";
import type { Logger } from "../../core/logger.ts";
import type { Store } from "../../store/store.ts";
import type { Executor } from "../executor.ts";
import type { EmbeddedOptions } from "./options.ts";
import { createWorkers, type Workers } from "./workers.ts";

/** Rows of each sort that one sweep takes on; more are left for the next, at once. */
const sweepLimit = 200;
/** Orphaned uploads are looked for this often, in ms. */
const orphansEveryMs = 10 * 60_000;

/**
 * Drives jobs in the app's own process. One timer keeps all leases alive, one sweeps; everything else happens
 * because of news. If this process dies, its leases run out, and the sweeper of any living one returns its jobs
 * to the queue.
 */
export interface EmbeddedEngine {
	readonly workers: Workers;
	start(): void;
	stop(graceMs: number): Promise<void>;
	/** Works until nothing is due or the time is up. */
	tick(budgetMs: number): Promise<{ claimed: number; remaining: boolean }>;
}

export interface EmbeddedEngineOptions {
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly kinds: () => readonly string[];
	readonly sweepOrphans: (olderThanMs: number) => Promise<void>;
	readonly settings: EmbeddedOptions;
}

export function createEmbeddedEngine(options: EmbeddedEngineOptions): EmbeddedEngine {
	const { store, executor, clock, logger, settings } = options;
	const leaseMs = toMs(settings.lease ?? "30s");
	const sweepEveryMs = toMs(settings.sweepEvery ?? "1s");
	const keepUploadsMs = toMs(settings.keepUploads ?? "24h");
	const concurrency = settings.concurrency ?? 50;
	const workers = createWorkers({ ...options, concurrency, leaseMs });
	const timers = new Map<string, () => void>();
	let isRunning = false;
	let stopListening: (() => void) | undefined;

	/** Calls `work` again and again, each time `everyMs` (or what it answers) after the last has ended. */
	function repeat(name: string, everyMs: number, work: () => Promise<number | undefined>): void {
		const next = async () => {
			const waitMs = (await work()) ?? everyMs;
			if (isRunning) timers.set(name, clock.after(waitMs, next));
		};
		timers.set(name, clock.after(everyMs, next));
	}

	/** One sweep, and when the next is due. */
	async function sweep(): Promise<number> {
		try {
			const now = clock.now();
			const swept = await store.sweep({ now, limit: sweepLimit });
			for (const job of swept.ended) {
				logger.warn({ jobId: job.id, kind: job.kind, code: job.error?.code }, "job ended by the sweeper");
				void executor.notifyFailure(job);
			}
			if (swept.returned > 0) logger.warn({ returned: swept.returned }, "jobs of a lost worker returned to the queue");
			workers.wake();
			const untilNextMs = swept.nextDueAt === null ? sweepEveryMs : swept.nextDueAt - clock.now();
			return Math.max(1, Math.min(sweepEveryMs, untilNextMs));
		} catch (error) {
			logger.error({ err: error as Error }, "could not sweep");
			return sweepEveryMs;
		}
	}

	return {
		workers,
		start() {
			if (isRunning || concurrency === 0) return;
			isRunning = true;
			stopListening = store.onChange((changes) => {
				for (const change of changes) workers.onChange(change);
			});
			repeat("heartbeat", leaseMs / 3, async () => {
				await workers.heartbeat();
				return undefined;
			});
			repeat("sweep", 1, sweep);
			repeat("orphans", orphansEveryMs, async () => {
				await options.sweepOrphans(keepUploadsMs);
				return undefined;
			});
			workers.wake();
		},
		async stop(graceMs) {
			workers.close();
			await workers.idle(graceMs);
			await workers.handBack();
			isRunning = false;
			for (const cancel of timers.values()) cancel();
			stopListening?.();
		},
		async tick(budgetMs) {
			const endsAt = clock.now() + budgetMs;
			let total = 0;
			await sweep();
			while (clock.now() < endsAt) {
				total += await workers.claim();
				if (workers.running === 0) return { claimed: total, remaining: false };
				await workers.idle(endsAt - clock.now());
			}
			return { claimed: total, remaining: workers.running > 0 };
		},
	};
}

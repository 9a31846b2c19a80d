import type { Clock } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import { newLeaseToken } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Logger } from "../../core/logger.ts";
import type { Change, Claimed, ClaimOffer, Store } from "../../store/store.ts";
import type { Executor } from "../executor.ts";
import type { JobRun } from "../job-run.ts";

/**
 * The places of this process: claims when one is free and something waits, runs what it claimed, keeps its
 * leases alive.
 *
 *     submit here ── offer a free place with it ── taken in the very commit ──► run
 *     news of a claimable job, a place that came free, a sweep ── wake ── claim ──► run
 */
export interface Workers {
	/** Jobs that are running here. */
	readonly running: number;
	readonly isFull: boolean;
	/** A free place for a job that is being submitted; to be taken or given back. */
	offer(): ClaimOffer | null;
	take(offer: ClaimOffer, job: Job): void;
	giveBack(offer: ClaimOffer): void;
	/** Claims if there is room; the result says how many. */
	claim(): Promise<number>;
	/** The same, once for all calls of a turn, and again until nothing more waits. */
	wake(): void;
	onChange(change: Change): void;
	/** Aborts a job that runs here. */
	abort(leaseToken: string, reason: DarkroomError): void;
	heartbeat(): Promise<void>;
	/** Resolves when nothing runs here, or after `graceMs`. */
	idle(graceMs: number): Promise<void>;
	/** Hands back what still runs. */
	handBack(): Promise<void>;
	/** Claims no more. */
	close(): void;
}

export interface WorkersOptions {
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly concurrency: number;
	readonly leaseMs: number;
	readonly kinds: () => readonly string[];
}

export function createWorkers(options: WorkersOptions): Workers {
	const { store, executor, clock, logger, concurrency, leaseMs } = options;
	const runs = new Map<string, { run: JobRun; ended: Promise<void>; expiresAt: number }>();
	let reserved = 0;
	let isClosed = false;
	let isAwake = false;
	let isClaiming = false;
	let onEnded: (() => void) | undefined;

	const free = () => (isClosed ? 0 : concurrency - runs.size - reserved);

	function begin(claimed: Claimed): void {
		const token = claimed.job.leaseToken as string;
		const run = executor.prepare(claimed);
		const ended = executor.execute(run).then(() => {
			runs.delete(token);
			onEnded?.();
			wake();
		});
		runs.set(token, { run, ended, expiresAt: clock.now() + leaseMs });
	}

	async function claim(): Promise<number> {
		const limit = free();
		if (limit <= 0 || isClaiming) return 0;
		isClaiming = true;
		reserved += limit;
		try {
			const now = clock.now();
			const claimed = await store.claimJobs({
				kinds: options.kinds(),
				limit,
				leaseExpiresAt: now + leaseMs,
				now,
				newLeaseToken,
			});
			reserved -= limit;
			for (const one of claimed) begin(one);
			return claimed.length;
		} catch (error) {
			reserved -= limit;
			// The sweep wakes us again; what waits is safe in the store.
			logger.error({ err: error as Error }, "could not claim");
			return 0;
		} finally {
			isClaiming = false;
		}
	}

	// Set when news of claimable work came; cleared by a claim that found nothing.
	let mayWait = true;

	function wake(): void {
		if (isAwake || isClosed || !mayWait || free() <= 0) return;
		isAwake = true;
		queueMicrotask(async () => {
			mayWait = false;
			const found = await claim();
			isAwake = false;
			if (found > 0) mayWait = true;
			if (mayWait) wake();
		});
	}

	async function heartbeat(): Promise<void> {
		if (runs.size === 0) return;
		const held = [...runs.values()];
		const expiresAt = clock.now() + leaseMs;
		try {
			const lost = new Set(
				await store.extendLeases(
					held.map(({ run }) => run.lease),
					expiresAt,
				),
			);
			for (const one of held) {
				if (lost.has(one.run.lease.jobId)) one.run.interrupt({ type: "aborted", reason: leaseGone(one.run) });
				else one.expiresAt = expiresAt;
			}
		} catch (error) {
			logger.error({ err: error as Error }, "could not extend leases");
			// Without a word from the store, a lease is over when its time is: another worker may have the job by now.
			for (const { run, expiresAt: until } of held) {
				if (until <= clock.now()) run.interrupt({ type: "aborted", reason: leaseGone(run) });
			}
		}
	}

	return {
		get running() {
			return runs.size;
		},
		get isFull() {
			return free() <= 0;
		},
		offer() {
			if (free() <= 0) return null;
			reserved++;
			return { leaseToken: newLeaseToken(), leaseExpiresAt: clock.now() + leaseMs };
		},
		take(_offer, job) {
			reserved--;
			begin({ job, steps: [] });
		},
		giveBack() {
			reserved--;
			wake();
		},
		claim,
		wake() {
			mayWait = true;
			wake();
		},
		onChange(change) {
			if (change.claimable) {
				mayWait = true;
				wake();
			}
			if (change.revokedLeaseToken) {
				const code = change.status === "cancelled" ? "cancelled" : "lease_lost";
				const detail = `Job ${change.jobId} was ended or taken away while it ran.`;
				runs
					.get(change.revokedLeaseToken)
					?.run.interrupt({ type: "aborted", reason: new DarkroomError(code, { detail }) });
			}
		},
		abort(leaseToken, reason) {
			runs.get(leaseToken)?.run.interrupt({ type: "aborted", reason });
		},
		heartbeat,
		async idle(graceMs) {
			if (runs.size === 0) return;
			await new Promise<void>((resolve) => {
				const cancel = clock.after(graceMs, resolve);
				onEnded = () => {
					if (runs.size > 0) return;
					cancel();
					resolve();
				};
			});
		},
		async handBack() {
			const left = [...runs.values()];
			const reason = new DarkroomError("stopped", { detail: "This worker stops; the job goes on with another." });
			for (const { run } of left) run.interrupt({ type: "aborted", reason });
			await Promise.all(left.map(({ ended }) => ended));
		},
		close() {
			isClosed = true;
		},
	};
}

function leaseGone(run: JobRun): DarkroomError {
	return new DarkroomError("lease_lost", {
		detail: `Job ${run.job.id} is no longer this worker's: its lease ran out.`,
	});
}

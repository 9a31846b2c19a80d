import type { Clock } from "../core/clock.ts";
import { DarkroomError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Change, Elsewhere, Store } from "../store/store.ts";
import type { JobRun } from "./job-run.ts";
import type { StoreOutage } from "./store-outage.ts";

export interface HeldRunsOptions {
	readonly store: Store;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly outage: StoreOutage;
	readonly leaseMs: number;
}

/** Why a job stops here, after its name. */
const ranOut = "is no longer this worker's: its lease ran out.";

/**
 * The runs that are at work in this process, by lease token: keeps their leases alive, and tells those that lost theirs,
 * or whose job has become another owner's. A host may call for several parts of one run at once; they share the token.
 */
export class HeldRuns {
	readonly #options: HeldRunsOptions;
	readonly #runs = new Map<string, JobRun[]>();

	constructor(options: HeldRunsOptions) {
		this.#options = options;
	}

	/** Leases that are held. */
	get size(): number {
		return this.#runs.size;
	}

	add(run: JobRun): void {
		const { leaseToken } = run.lease;
		const others = this.#runs.get(leaseToken);
		if (others) others.push(run);
		else this.#runs.set(leaseToken, [run]);
	}

	remove(run: JobRun): void {
		const { leaseToken } = run.lease;
		const others = this.#runs.get(leaseToken)?.filter((other) => other !== run) ?? [];
		if (others.length === 0) this.#runs.delete(leaseToken);
		else this.#runs.set(leaseToken, others);
	}

	*all(): Generator<JobRun, void> {
		for (const runs of this.#runs.values()) yield* runs;
	}

	/** Whether the lease is held here: then its runs go on for the new owner. */
	move(leaseToken: string, owner: string): boolean {
		const runs = this.#runs.get(leaseToken);
		if (!runs) return false;
		for (const run of runs) run.moveTo(owner);
		return true;
	}

	/** A cancel, a clear or a sweep of this process may have taken a lease away. */
	onChange({ jobId, status, revokedLeaseToken }: Change): void {
		if (!revokedLeaseToken) return;
		const code = status === "cancelled" ? "cancelled" : "lease_lost";
		const detail = `Job ${jobId} was ended or taken away while it ran.`;
		for (const run of this.#runs.get(revokedLeaseToken) ?? []) {
			run.interrupt({ type: "aborted", reason: new DarkroomError(code, { detail }) });
		}
	}

	/** What another process did may have taken one of the jobs away, or given it to another owner. */
	async onElsewhere({ revokedLeaseTokens }: Elsewhere): Promise<void> {
		if (this.#runs.size === 0) return;
		if (revokedLeaseTokens === null) return this.#lookAfterLeases();
		for (const token of revokedLeaseTokens) for (const run of this.#runs.get(token) ?? []) run.loseLease(ranOut);
	}

	async #lookAfterLeases(): Promise<void> {
		const { store, logger, outage } = this.#options;
		const runs = [...this.all()];
		const leases = runs.map(({ lease }) => lease);
		try {
			const owners = await store.findOwners(leases);
			for (const [i, lease] of leases.entries()) runs[i]?.found(owners.get(lease.leaseToken), lease);
		} catch (error) {
			// The next heartbeat finds what is lost.
			if (!outage.explains(error, "look after leases")) {
				logger.warn({ err: error as Error }, "could not look after leases");
			}
		}
	}

	/** Who claims a job anew has lost the lease before: its own older run is told at once, not at its next write. */
	supersede(jobId: string): void {
		for (const run of this.all()) if (run.job.id === jobId) run.loseLease(ranOut);
	}

	/** Extends all leases in one statement. */
	async heartbeat(): Promise<void> {
		const { store, clock, leaseMs, logger, outage } = this.#options;
		if (this.#runs.size === 0) return;
		const held = [...this.all()];
		const expiresAt = clock.now() + leaseMs;
		try {
			const leases = held.map(({ lease }) => lease);
			const lost = new Set(await store.extendLeases(leases, expiresAt));
			outage.answered();
			for (const run of held) {
				if (lost.has(run.lease.leaseToken)) run.loseLease(ranOut);
				else run.leaseExpiresAt = expiresAt;
			}
		} catch (error) {
			if (!outage.explains(error, "extend leases")) logger.error({ err: error as Error }, "could not extend leases");
			// Without a word from the store, a lease is over when its time is: another worker may have the job by now.
			for (const run of held) if (run.leaseExpiresAt <= clock.now()) run.loseLease(ranOut);
		}
	}

	/** The same when a lease may have run out unseen, as after a pause of the whole process. */
	async heartbeatIfLate(): Promise<void> {
		const now = this.#options.clock.now();
		for (const run of this.all()) if (run.leaseExpiresAt <= now) return this.heartbeat();
	}
}

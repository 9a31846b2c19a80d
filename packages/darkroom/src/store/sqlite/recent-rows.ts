import type { DatabaseSync } from "node:sqlite";
import type { Defer } from "../../core/clock.ts";
import type { StepRow } from "../rows.ts";
import type { Change } from "../store.ts";
import type { KeyedJob } from "./rows.ts";

/** Rows kept: as many jobs as are looked at again and again, and no more memory than a few MB. */
const mostRows = 1_000;

/** Rows, not what is made of them: inputs and outputs are parsed for each reader, who may do with them as they like. */
export interface RecentJob {
	readonly row: KeyedJob;
	readonly steps: readonly StepRow[];
}

/**
 * Rows of jobs that were read lately, for those who ask again and again how a job is doing. By the same rule as
 * leases.ts: another connection's commit moves `PRAGMA data_version`, and this one's name the jobs that they changed.
 * The version is looked at once a turn of the event loop, so a row is at most as old as the turn that answers it.
 */
export class RecentRows {
	readonly #rows = new Map<string, RecentJob>();
	readonly #defer: Defer;
	readonly #readVersion;
	readonly #lookAgain = () => {
		this.#isCurrent = false;
	};
	#version = Number.NaN;
	#isCurrent = false;

	constructor(db: DatabaseSync, defer: Defer) {
		this.#defer = defer;
		this.#readVersion = db.prepare("PRAGMA data_version");
	}

	/** The job's rows, where they are still known and true. */
	find(jobId: string): RecentJob | undefined {
		if (!this.#isCurrent) this.#look();
		return this.#rows.get(jobId);
	}

	#look(): void {
		const { data_version: version } = this.#readVersion.get() as { data_version: number };
		if (version !== this.#version) {
			this.#version = version;
			this.#rows.clear();
		}
		this.#isCurrent = true;
		this.#defer(this.#lookAgain);
	}

	keep(job: RecentJob): void {
		if (this.#rows.size >= mostRows) this.#rows.clear();
		this.#rows.set(job.row.id, job);
	}

	/** To be called after each commit, before anyone can read again. */
	forget(changes: readonly Change[]): void {
		if (this.#rows.size === 0) return;
		for (const { jobId } of changes) this.#rows.delete(jobId);
	}
}

import type { Asset } from "../core/asset.ts";
import type { Failure } from "../core/errors.ts";
import type { Job, JobWithSteps, Step } from "../core/job.ts";
import type { LedgerEntry } from "../store/store.ts";

type Writable<Row> = { -readonly [Name in keyof Row]: Row[Name] };

/** A job's row: what is JSON in a database is text here too, so that nobody holds a part of it. */
export interface ModelJob extends Writable<Omit<Job, "input" | "output">> {
	input: string;
	output: string | null;
	queueTimeoutMs: number;
	/** Claims ever. */
	claims: number;
	/** Since when it counts as active; a retry begins anew. */
	activeSince: number;
	isRetried: boolean;
	/** The change for which its event was sent last, how often, and when it is sent again. */
	sent: { readonly change: number; readonly times: number; readonly againAt: number } | null;
}

export interface ModelStep extends Writable<Omit<Step, "output">> {
	output: string | null;
	change: number;
}

export interface ModelAccount {
	posted: number;
	held: number;
}

export interface ModelAsset extends Writable<Asset> {
	removedAt: number | null;
}

/** All rows of a model database. */
export class ModelRows {
	readonly jobs = new Map<string, ModelJob>();
	readonly steps = new Map<string, Map<string, ModelStep>>();
	readonly accounts = new Map<string, ModelAccount>();
	readonly entries: (Writable<LedgerEntry> & { readonly key: string | null })[] = [];
	readonly assets = new Map<string, ModelAsset>();
	/** Owners whose everything became another's, with a number that only grows. */
	readonly transfers: { readonly id: number; readonly owner: string }[] = [];
	lastTransfer = 0;
	/** The newest change number. */
	change = 0;
	/** Commits so far, by which a connection sees that another has committed. */
	commits = 0;

	empty(): void {
		for (const rows of [this.jobs, this.steps, this.accounts, this.assets]) rows.clear();
		this.entries.length = 0;
		this.transfers.length = 0;
		this.change = 0;
		this.commits++;
	}

	/** In the order of their ids. */
	jobsWhere(holds: (job: ModelJob) => boolean): ModelJob[] {
		const found: ModelJob[] = [];
		for (const job of this.jobs.values()) if (holds(job)) found.push(job);
		return found.sort((a, b) => (a.id < b.id ? -1 : 1));
	}

	stepsOf(jobId: string): ModelStep[] {
		return [...(this.steps.get(jobId)?.values() ?? [])].sort((a, b) => a.position - b.position);
	}
}

export function toJob({
	queueTimeoutMs: _,
	claims: __,
	activeSince: ___,
	isRetried: ____,
	sent: _____,
	...row
}: ModelJob): Job {
	return { ...row, input: JSON.parse(row.input), output: row.output === null ? null : JSON.parse(row.output) };
}

export function toAsset({ removedAt: _, ...row }: ModelAsset): Asset {
	return row;
}

export function toStep({ change: _, ...row }: ModelStep): Step {
	return { ...row, error: copy(row.error), output: row.output === null ? null : JSON.parse(row.output) };
}

export function toJobWithSteps(row: ModelJob, steps: readonly ModelStep[]): JobWithSteps {
	return { job: { ...toJob(row), error: copy(row.error), change: versionOf(row, steps) }, steps: steps.map(toStep) };
}

/** The latest change of the job or of one of its steps. */
export function versionOf(row: ModelJob, steps: readonly ModelStep[]): number {
	return steps.reduce((latest, step) => Math.max(latest, step.change), row.change);
}

function copy(failure: Failure | null): Failure | null {
	return failure === null ? null : { ...failure };
}

/** Whether a job has one of its owner's running places, where its kind limits them. */
export function hasPlace(job: ModelJob): boolean {
	return job.runningPerOwner !== null && (job.leaseToken !== null || job.waitsFor === "worker");
}

/** By priority, then by the time from which it waits, then by id. */
export function byTurn(a: ModelJob, b: ModelJob): number {
	return b.priority - a.priority || a.runAt - b.runAt || (a.id < b.id ? -1 : 1);
}

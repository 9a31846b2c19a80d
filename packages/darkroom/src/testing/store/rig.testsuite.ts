import { afterEach, beforeEach, expect } from "vitest";
import { DarkroomError, type ErrorCode, type Failure } from "../../core/errors.ts";
import { newId, newLeaseToken } from "../../core/ids.ts";
import type { Job, JobWithSteps } from "../../core/job.ts";
import type {
	Claim,
	Claimed,
	Lease,
	StepCompletion,
	StepStart,
	Store,
	Submission,
	Submitted,
} from "../../store/store.ts";

/** One database, empty at first, and the ways of looking at it that a suite needs. */
export interface StoreUnderTest {
	readonly store: Store;
	/** Closes the store and opens its database again, as after a restart. */
	reopen(): Promise<Store>;
	/** Another connection to the same database, as from another process. */
	second?(): Promise<Store>;
	/** What all entries of an owner add up to, read behind the store's back. */
	sumEntries?(owner: string): Promise<{ readonly posted: number; readonly held: number }>;
	/** Closes every connection and removes the database. */
	close(): Promise<void>;
}

/** One on whose database an app can have a transaction of its own. */
export interface JoinableUnderTest extends StoreUnderTest {
	/** A connection of an app's own, with a transaction open on it. */
	transaction(): Promise<AppTransaction>;
}

/** An app's own transaction, and a table of its own in which it writes. */
export interface AppTransaction {
	/** What a submit is given. */
	readonly client: unknown;
	write(row: string): Promise<void>;
	commit(): Promise<void>;
	rollback(): Promise<void>;
	/** What is in the app's table, as others see it. */
	committed(): Promise<string[]>;
}

export type CreateStore = () => Promise<StoreUnderTest>;

/** Credits that `grant` gives where a test does not care how many. */
const plenty = 1_000;

export const failure: Failure = { code: "outage", message: "The model did not answer.", retryable: true };

/** A store for each test, a time that it moves by hand, and short words for long parameters. */
export class StoreRig<Under extends StoreUnderTest = StoreUnderTest> {
	now = 1_700_000_000_000;
	#under: Under | undefined;
	#store: Store | undefined;
	readonly #create: () => Promise<Under>;

	private constructor(create: () => Promise<Under>) {
		this.#create = create;
	}

	/** To be called in a `describe`: each of its tests gets a database of its own. */
	static use<Under extends StoreUnderTest>(create: () => Promise<Under>): StoreRig<Under> {
		const rig = new StoreRig(create);
		beforeEach(() => rig.#begin());
		afterEach(() => rig.under.close());
		return rig;
	}

	/** For one piece of work, within a test that has to prepare more than a database. */
	static async with(create: CreateStore, work: (rig: StoreRig) => Promise<void>): Promise<void> {
		const rig = new StoreRig(create);
		await rig.#begin();
		try {
			await work(rig);
		} finally {
			await rig.under.close();
		}
	}

	/** An empty database in place of this one, for a test that needs many. */
	async renew(): Promise<void> {
		await this.under.close();
		await this.#begin();
	}

	async #begin(): Promise<void> {
		this.now = 1_700_000_000_000;
		this.#under = await this.#create();
		this.#store = this.#under.store;
		await this.#store.open();
	}

	/** What the store is on: of each test its own. */
	get under(): Under {
		if (!this.#under) throw new Error("No store: it could not be made.");
		return this.#under;
	}

	get store(): Store {
		if (!this.#store) throw new Error("No store: it could not be made.");
		return this.#store;
	}

	async reopen(): Promise<void> {
		this.#store = await this.under.reopen();
	}

	/** This connection and, where the store has such, one of another process. */
	async connections(): Promise<readonly Store[]> {
		const second = await this.under.second?.();
		return second ? [this.store, second] : [this.store];
	}

	submission(given: Partial<Submission> = {}): Submission {
		return {
			id: newId(this.now),
			kind: "draw",
			owner: "ada",
			subject: null,
			staleAfterMs: null,
			idempotencyKey: null,
			input: '{"pages":8}',
			assets: [],
			price: 0,
			charge: "on-success",
			activePerOwner: null,
			runningPerOwner: null,
			priority: 0,
			runAt: this.now,
			queueTimeoutMs: 600_000,
			timeoutMs: 300_000,
			maxAttempts: 3,
			expectedSteps: null,
			now: this.now,
			offer: null,
			...given,
		};
	}

	async submit(given: Partial<Submission> = {}): Promise<Job> {
		return (await this.submitted(given)).job;
	}

	submitted(given: Partial<Submission> = {}): Promise<Submitted> {
		return this.store.submitJob(this.submission(given));
	}

	claim(given: Partial<Claim> = {}): Promise<Claimed[]> {
		const leaseExpiresAt = this.now + 30_000;
		return this.store.claimJobs({ kinds: ["draw"], limit: 10, leaseExpiresAt, now: this.now, newLeaseToken, ...given });
	}

	async claimOne(given: Partial<Claim> = {}): Promise<Job> {
		const [claimed] = await this.claim({ limit: 1, ...given });
		if (!claimed) throw new Error("Nothing waits for a worker.");
		return claimed.job;
	}

	/** A job that runs. */
	async running(given: Partial<Submission> = {}): Promise<Job> {
		const { id } = await this.submit(given);
		const job = await this.claimOne({ kinds: [given.kind ?? "draw"] });
		if (job.id !== id) throw new Error("Another job waited before this one.");
		return job;
	}

	/** The job's first step, unless a place is given: no two have the same. */
	stepStart(job: Job, name: string, given: Partial<StepStart> = {}): StepStart {
		return { ...leaseOf(job), name, position: 0, attempts: 1, preview: null, now: this.now, ...given };
	}

	stepCompletion(job: Job, name: string, output: unknown, given: Partial<StepCompletion> = {}): StepCompletion {
		const rest = { output: JSON.stringify(output), startedAt: this.now, keeps: [] };
		return { ...this.stepStart(job, name), ...rest, ...given };
	}

	completeStep(job: Job, name: string, output: unknown, given: Partial<StepCompletion> = {}): Promise<void> {
		return this.store.completeStep(this.stepCompletion(job, name, output, given));
	}

	complete(job: Job, due = job.price): Promise<void> {
		return this.store.completeJob({ ...leaseOf(job), output: '"done"', due, now: this.now });
	}

	fail(job: Job, due = 0): Promise<void> {
		return this.store.failJob({ ...leaseOf(job), error: failure, due, now: this.now });
	}

	release(job: Job, runAt = this.now): Promise<void> {
		return this.store.releaseJob({ ...leaseOf(job), runAt, now: this.now });
	}

	sweep(limit = 100) {
		return this.store.sweep({ now: this.now, limit });
	}

	read(job: { readonly id: string; readonly owner: string }): Promise<JobWithSteps> {
		return this.store.readJob(job.owner, job.id);
	}

	asOwner(job: { readonly id: string; readonly owner: string }) {
		return { viewer: job.owner, jobId: job.id, now: this.now };
	}

	async grant(owner = "ada", amount = plenty): Promise<void> {
		await this.store.grantCredits({ owner, amount, key: newId(this.now), now: this.now });
	}

	/** All that belongs to an owner and could have been changed: for "leaves nothing behind". */
	async everythingOf(owner: string) {
		const [jobs, balance, entries, sums] = await Promise.all([
			this.store.listJobs({ viewer: owner, limit: 1_000 }),
			this.store.readBalance(owner),
			this.store.listEntries(owner, 1_000),
			this.under.sumEntries?.(owner),
		]);
		return { jobs, balance, entries, sums };
	}
}

export function leaseOf(job: Job): Lease {
	if (job.leaseToken === null) throw new Error(`Job ${job.id} is not claimed.`);
	return { jobId: job.id, leaseToken: job.leaseToken, owner: job.owner, kind: job.kind };
}

/** What a refused promise says; a promise that is not refused fails the test. */
export async function refusal(promise: Promise<unknown>): Promise<{ code: ErrorCode; data: DarkroomError["data"] }> {
	const outcome = await promise.then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	expect(outcome, "was expected to be refused").toHaveProperty("error");
	const { error } = outcome as { error: unknown };
	if (!(error instanceof DarkroomError)) throw error;
	return { code: error.code, data: error.data };
}

export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode> {
	return (await refusal(promise)).code;
}

/** What became of many calls at once: the values, and the codes of the refusals. */
export async function outcomesOf<Value>(promises: readonly Promise<Value>[]) {
	const settled = await Promise.allSettled(promises);
	const values = settled.filter((one) => one.status === "fulfilled").map((one) => one.value);
	const codes = settled
		.filter((one) => one.status === "rejected")
		.map(({ reason }) => {
			if (!(reason instanceof DarkroomError)) throw reason;
			return reason.code;
		});
	return { values, codes };
}

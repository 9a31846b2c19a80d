import { isDarkroomError } from "../../core/errors.ts";
import { newId, newLeaseToken } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Run, Store, Submission } from "../../store/store.ts";
import { Chance } from "../chance.testsuite.ts";
import { ownersRefusals } from "./owners-refusals.testsuite.ts";
import { failure, leaseOf } from "./rig.testsuite.ts";

/** Few, so that everybody is in everybody's way. */
export const owners = ["ada", "bob", "cyd", "dan"];
export const runningLimit = 3;
const kinds = ["draw", "write"];
const subjects = ["story:1", "story:2", "story:3"];
/** Players at once on each store, so that turns hold several transitions. */
const playersPerStore = 4;

export interface CrowdOptions {
	/** Each as in a process of its own. */
	readonly stores: readonly Store[];
	readonly seed: number;
	readonly now: number;
}

/** Many who use stores at once and at random, each sort of transition among what they do; late workers use old leases. */
export class Crowd {
	now: number;
	/** What nobody may be told: neither an answer nor a refusal of the game. */
	readonly faults: string[] = [];
	/** How often each sort went through. */
	readonly done = new Map<string, number>();
	readonly #stores: readonly Store[];
	readonly #chance: Chance;
	readonly #jobs: { readonly id: string; owner: string }[] = [];
	readonly #claimed: Job[] = [];
	/** One for each event that was sent. */
	readonly #runs: Run[] = [];
	readonly #assets: { readonly id: string; readonly owner: string }[] = [];
	#count = 0;

	constructor({ stores, seed, now }: CrowdOptions) {
		this.#stores = stores;
		this.#chance = new Chance(seed);
		this.now = now;
		for (const sort of Object.keys(this.#sorts)) this.done.set(sort, 0);
	}

	/** So many transitions in all, or up to the first fault; resolves when the last is answered. */
	async play(transitions: number): Promise<void> {
		const sorts = Object.entries(this.#sorts).flatMap(([sort, [weight, work]]) =>
			Array.from({ length: weight }, () => [sort, work] as const),
		);
		const player = async (store: Store) => {
			while (this.faults.length === 0 && this.#count++ < transitions) {
				const [sort, work] = this.#chance.pick(sorts);
				if (this.#chance.is(0.02)) this.now += 20_000;
				try {
					if ((await work(store)) !== "nothing to do") this.done.set(sort, (this.done.get(sort) ?? 0) + 1);
				} catch (error) {
					if (!isPartOfTheGame(error)) this.faults.push(`${sort}: ${wordsOf(error)}`);
				}
			}
		};
		await Promise.all(this.#stores.flatMap((store) => Array.from({ length: playersPerStore }, () => player(store))));
	}

	/** Each with how often it comes, relative to the others. */
	readonly #sorts: Record<string, [weight: number, work: (store: Store) => Promise<unknown>]> = {
		submit: [24, (store) => this.#submit(store)],
		claim: [12, (store) => this.#claim(store)],
		startStep: [6, (store) => this.#work((job) => store.startStep(this.#step(job)))],
		completeStep: [
			8,
			(store) =>
				this.#work((job) => {
					const keeps = this.#chance.is(0.3) ? this.#assetsOf(job.owner) : [];
					return store.completeStep({ ...this.#step(job), output: "1", startedAt: this.now, keeps });
				}),
		],
		failStep: [
			2,
			(store) => this.#work((job) => store.failStep({ ...this.#step(job), error: failure, startedAt: this.now })),
		],
		report: [
			4,
			(store) =>
				this.#work((job) => store.reportProgress({ ...leaseOf(job), progress: 5, message: "on it", now: this.now })),
		],
		release: [
			4,
			(store) =>
				this.#work((job) => {
					const runAt = this.now + this.#chance.pick([0, 20_000]);
					return store.releaseJob({ ...leaseOf(job), runAt, now: this.now });
				}),
		],
		complete: [
			8,
			(store) =>
				this.#work((job) =>
					store.completeJob({ ...leaseOf(job), output: "1", due: this.#chance.below(4), now: this.now }),
				),
		],
		fail: [
			4,
			(store) =>
				this.#work((job) =>
					store.failJob({ ...leaseOf(job), error: failure, due: this.#chance.below(2), now: this.now }),
				),
		],
		extend: [4, (store) => store.extendLeases(this.#claimed.slice(-12).map(leaseOf), this.now + 30_000)],
		cancel: [4, (store) => this.#ask((request) => store.cancelJob({ ...request, due: this.#chance.below(2) }))],
		retry: [
			6,
			(store) => this.#ask((request) => store.retryJob({ ...request, activePerOwner: this.#chance.pick([null, 8]) })),
		],
		delete: [3, (store) => this.#ask((request) => store.deleteJob(request))],
		clear: [
			2,
			(store) => store.clearSubject({ viewer: this.#owner(), subject: this.#chance.pick(subjects), now: this.now }),
		],
		grant: [
			3,
			(store) => {
				const key = `${this.#chance.below(500)}`;
				return store.grantCredits({ owner: this.#owner(), amount: this.#chance.below(30) - 5, key, now: this.now });
			},
		],
		transfer: [1, (store) => this.#transfer(store)],
		dispatch: [6, (store) => this.#dispatch(store)],
		beginRun: [10, (store) => this.#run(async (run) => this.#begin(store, run))],
		readRun: [1, (store) => this.#run(async (run) => (await store.readRun(run)) ?? "nothing to do")],
		endRun: [
			2,
			(store) =>
				this.#run(async (run) => {
					const as = this.#chance.pick(["cancelled", failure] as const);
					return (await store.endRun({ ...run, as, due: this.#chance.below(2), now: this.now })) ?? "nothing to do";
				}),
		],
		sweep: [4, (store) => store.sweep({ now: this.now, limit: this.#chance.pick([1, 10, 100]) })],
		upload: [3, (store) => this.#upload(store)],
		keep: [1, (store) => this.#asset(({ owner, id }) => store.keepAsset(owner, id, this.now))],
		remove: [1, (store) => this.#asset(({ owner, id }) => store.removeAsset(owner, id, this.now))],
		forget: [1, (store) => this.#asset(({ id }) => store.deleteAsset(id))],
		orphans: [1, (store) => store.takeOrphanAssets({ createdBefore: this.now - 15_000, now: this.now, limit: 50 })],
	};

	async #submit(store: Store): Promise<void> {
		const isLimited = this.#chance.is(0.6);
		const owner = this.#owner();
		const submission: Submission = {
			id: newId(this.now),
			kind: this.#chance.pick(kinds),
			owner,
			subject: this.#chance.is(0.3) ? this.#chance.pick(subjects) : null,
			staleAfterMs: this.#chance.pick([null, 10_000]),
			idempotencyKey: this.#chance.is(0.2) ? `key ${this.#chance.below(200)}` : null,
			input: "{}",
			assets: this.#chance.is(0.2) ? this.#assetsOf(owner) : [],
			price: this.#chance.below(4),
			charge: this.#chance.pick(["on-success", "on-start"]),
			activePerOwner: this.#chance.pick([null, 40]),
			runningPerOwner: isLimited ? runningLimit : null,
			priority: this.#chance.below(2),
			runAt: this.now + this.#chance.pick([0, 0, 0, 20_000]),
			queueTimeoutMs: 600_000,
			timeoutMs: 300_000,
			maxAttempts: 3,
			expectedSteps: null,
			now: this.now,
			offer: this.#chance.is(0.5) ? { leaseToken: newLeaseToken(), leaseExpiresAt: this.now + 30_000 } : null,
		};
		const { job, created, claimed } = await store.submitJob(submission);
		if (created) this.#jobs.push({ id: job.id, owner });
		if (claimed) this.#claimed.push(job);
	}

	async #claim(store: Store): Promise<unknown> {
		const leaseExpiresAt = this.now + 30_000;
		const limit = 1 + this.#chance.below(8);
		const claimed = await store.claimJobs({ kinds, limit, leaseExpiresAt, now: this.now, newLeaseToken });
		this.#claimed.push(...claimed.map(({ job }) => job));
		return claimed.length > 0 ? undefined : "nothing to do";
	}

	async #dispatch(store: Store): Promise<unknown> {
		const take = { kinds, limit: 1 + this.#chance.below(8), now: this.now, firstMs: 5_000, mostMs: 40_000 };
		const taken = await store.takeDispatches(take);
		for (const { jobId, change } of taken) this.#runs.push({ jobId, leaseToken: newLeaseToken(), dispatch: change });
		return taken.length > 0 ? undefined : "nothing to do";
	}

	async #begin(store: Store, run: Run): Promise<unknown> {
		const { claimed } = await store.beginRun({ ...run, leaseExpiresAt: this.now + 30_000, now: this.now });
		if (!claimed) return "nothing to do";
		this.#claimed.push(claimed.job);
		return undefined;
	}

	/** One of the latest that were begun, by whichever process. */
	async #run(work: (run: Run) => Promise<unknown>): Promise<unknown> {
		const recent = this.#runs.slice(-24);
		return recent.length === 0 ? "nothing to do" : work(this.#chance.pick(recent));
	}

	/** One of the latest that were claimed, by whichever process. */
	async #work(work: (job: Job) => Promise<unknown>): Promise<unknown> {
		const recent = this.#claimed.slice(-24);
		return recent.length === 0 ? "nothing to do" : work(this.#chance.pick(recent));
	}

	#step(job: Job) {
		const position = this.#chance.below(3);
		return { ...leaseOf(job), name: `step ${position}`, position, attempts: 1, preview: null, now: this.now };
	}

	async #ask(request: (of: { viewer: string; jobId: string; now: number }) => Promise<unknown>): Promise<unknown> {
		if (this.#jobs.length === 0) return "nothing to do";
		const job = this.#chance.pick(this.#jobs.slice(-150));
		return request({ viewer: job.owner, jobId: job.id, now: this.now });
	}

	async #transfer(store: Store): Promise<void> {
		const [from, to] = [this.#owner(), this.#owner()];
		const moving = this.#jobs.filter(({ owner }) => owner === from);
		await store.transferOwner({ from, to, now: this.now });
		for (const job of moving) job.owner = to;
	}

	async #upload(store: Store): Promise<void> {
		const asset = { id: newId(this.now), owner: this.#owner() };
		const rest = { contentType: "image/png", size: 1, width: null, height: null, blur: null, keptAt: null };
		await store.createAsset({ ...asset, ...rest, createdAt: this.now });
		this.#assets.push(asset);
	}

	async #asset(work: (asset: { readonly id: string; readonly owner: string }) => Promise<unknown>): Promise<unknown> {
		return this.#assets.length === 0 ? "nothing to do" : work(this.#chance.pick(this.#assets.slice(-60)));
	}

	/** In any order: whoever locks them sorts them. */
	#assetsOf(owner: string): string[] {
		const own = this.#assets.filter((asset) => asset.owner === owner).slice(-5);
		return own.map(({ id }) => id).sort(() => this.#chance.real() - 0.5);
	}

	#owner(): string {
		return this.#chance.pick(owners);
	}
}

/** Late workers use old leases. */
function isPartOfTheGame(error: unknown): boolean {
	return isDarkroomError(error) && (error.code === "lease_lost" || ownersRefusals.includes(error.code));
}

function wordsOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { cause } = error;
	const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
	return `${error.message}${code}`;
}

import { describe, expect, test } from "vitest";
import { newLeaseToken } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Store } from "../../store/store.ts";
import { type CreateStore, codeOf, failure, leaseOf, StoreRig } from "./rig.testsuite.ts";

export function describeLeases(create: CreateStore): void {
	describe("the fence", () => {
		const rig = StoreRig.use(create);

		/** All that a worker can write or read of a job by its lease. */
		const byLease: readonly (readonly [string, (job: Job) => Promise<unknown>])[] = [
			["startStep", (job) => rig.store.startStep(rig.stepStart(job, "draw"))],
			["completeStep", (job) => rig.completeStep(job, "draw", "late")],
			["failStep", (job) => rig.store.failStep({ ...rig.stepCompletion(job, "draw", null), error: failure })],
			[
				"reportProgress",
				(job) => rig.store.reportProgress({ ...leaseOf(job), progress: 90, message: "late", now: rig.now }),
			],
			["releaseJob", (job) => rig.release(job)],
			["releaseJob for later", (job) => rig.release(job, rig.now + 60_000)],
			["completeJob", (job) => rig.complete(job)],
			["failJob", (job) => rig.fail(job)],
			["listSteps", (job) => rig.store.listSteps(leaseOf(job))],
		];
		const losses: readonly (readonly [string, (job: Job) => Promise<unknown>])[] = [
			["another worker has the job", (job) => loseTo(job, () => rig.claimOne())],
			["the job went back to the queue", (job) => loseTo(job, async () => {})],
			["the job was cancelled", (job) => rig.store.cancelJob(rig.asOwner(job))],
			["the job was cleared", () => rig.store.clearSubject({ viewer: "ada", subject: "story:1", now: rig.now })],
			["the job has ended", (job) => rig.complete(job)],
		];
		const rows = byLease.flatMap(([method, call]) => losses.map(([why, lose]) => [method, why, call, lose] as const));

		async function loseTo(job: Job, next: () => Promise<unknown>): Promise<void> {
			rig.now = (job.leaseExpiresAt ?? 0) + 1;
			await rig.sweep();
			await next();
		}

		test.each(rows)("%s is refused and changes nothing once %s", async (_, __, call, lose) => {
			await rig.grant("ada", 5);
			const job = await rig.running({ price: 5, subject: "story:1" });
			await lose(job);
			const before = await rig.everythingOf("ada");
			expect(await codeOf(call(job))).toBe("lease_lost");
			expect(await rig.everythingOf("ada")).toEqual(before);
		});

		test("holds against a made-up token too, and a refused write does not hurt the one beside it", async () => {
			const job = await rig.running();
			const forged = { ...job, leaseToken: "made-up" };
			const [refused] = await Promise.all([codeOf(rig.complete(forged)), rig.completeStep(job, "draw", 1)]);
			expect(refused).toBe("lease_lost");
			expect((await rig.read(job)).steps.map(({ output }) => output)).toEqual([1]);
		});
	});

	describe("the fence, when it is another process that takes the lease away", () => {
		const rig = StoreRig.use(create);

		const takers: readonly (readonly [string, (store: Store, job: Job) => Promise<unknown>])[] = [
			["cancels the job", (store, job) => store.cancelJob(rig.asOwner(job))],
			["clears its subject", (store) => store.clearSubject({ viewer: "ada", subject: "story:1", now: rig.now })],
			["ends the job under the same lease", (store, job) => store.completeJob({ ...leaseOf(job), ...ending })],
			["sweeps the job at its deadline", (store, job) => store.sweep({ now: job.deadlineAt, limit: 10 })],
			[
				"sweeps and claims the job",
				async (store, job) => {
					await store.sweep({ now: job.leaseExpiresAt ?? 0, limit: 10 });
					await store.claimJobs({ ...claim, now: rig.now, newLeaseToken });
				},
			],
		];
		const ending = { output: "1", due: 5, now: 1_700_000_000_000 };
		const claim = { kinds: ["draw"], limit: 1, leaseExpiresAt: 2_000_000_000_000 };

		test.each(takers)("holds against the worker that still believes in it: one that %s", async (_, take) => {
			await rig.grant("ada", 5);
			const job = await rig.running({ price: 5, subject: "story:1" });
			await rig.completeStep(job, "upload", 1);
			await take((await rig.connections()).at(-1) ?? rig.store, job);
			const before = [await rig.everythingOf("ada"), await rig.everythingOf("eve")];
			const writes = [
				() => rig.completeStep(job, "draw", 2, { position: 1 }),
				() => rig.store.startStep(rig.stepStart(job, "draw", { position: 1 })),
				() => rig.complete(job),
				() => rig.fail(job),
				() => rig.release(job),
			];
			// Each in a commit of its own: together, the failure of one would make the store look again for all.
			for (const write of writes) expect(await codeOf(write())).toBe("lease_lost");
			expect([await rig.everythingOf("ada"), await rig.everythingOf("eve")]).toEqual(before);
		});

		test("lets the worker go on when what the other did was something else, and settles by what is true now", async () => {
			await rig.grant("ada", 5);
			const job = await rig.running({ price: 5 });
			await rig.completeStep(job, "upload", 1);
			const other = (await rig.connections()).at(-1) ?? rig.store;
			await other.extendLeases([leaseOf(job)], rig.now + 60_000);
			await other.reportProgress({ ...leaseOf(job), progress: 50, message: null, now: rig.now });
			await rig.complete(job, 2);
			expect((await rig.read(job)).job).toMatchObject({ status: "completed", charged: 2, progress: 50 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 3, held: 0, available: 3 });
		});
	});

	describe("a lease", () => {
		const rig = StoreRig.use(create);

		test("that is extended is not swept", async () => {
			const job = await rig.running();
			rig.now += 29_000;
			expect(await rig.store.extendLeases([leaseOf(job)], rig.now + 30_000)).toEqual([]);
			rig.now += 29_999;
			expect((await rig.sweep()).returned).toBe(0);
			rig.now += 1;
			expect((await rig.sweep()).returned).toBe(1);
		});

		test("is not made shorter by a heartbeat that is late", async () => {
			const job = await rig.running();
			const endsAt = job.leaseExpiresAt ?? 0;
			expect(await rig.store.extendLeases([leaseOf(job)], endsAt - 1_000)).toEqual([]);
			rig.now = endsAt - 1;
			expect(await rig.sweep()).toMatchObject({ returned: 0 });
			expect((await rig.read(job)).job.leaseExpiresAt).toBe(endsAt);
		});

		test("that is lost is named by its token, and those beside it are extended", async () => {
			const [kept, cancelled] = [await rig.running(), await rig.running()];
			await rig.store.cancelJob(rig.asOwner(cancelled));
			const lost = await rig.store.extendLeases([leaseOf(kept), leaseOf(cancelled)], rig.now + 60_000);
			expect(lost).toEqual([cancelled.leaseToken]);
			expect((await rig.read(kept)).job.leaseExpiresAt).toBe(rig.now + 60_000);
		});

		test("that ran out is lost even where the same worker has claimed the job anew", async () => {
			const old = await rig.running();
			rig.now += 30_000;
			await rig.sweep();
			const fresh = await rig.claimOne();
			expect(await rig.store.extendLeases([leaseOf(old), leaseOf(fresh)], rig.now + 60_000)).toEqual([old.leaseToken]);
		});

		test("never reaches past the job's deadline: the sweep ends it all the same", async () => {
			const job = await rig.running({ timeoutMs: 60_000 });
			await rig.store.extendLeases([leaseOf(job)], rig.now + 600_000);
			rig.now += 60_000;
			expect((await rig.sweep()).ended.map(({ id }) => id)).toEqual([job.id]);
		});

		test("of nobody extends nothing", async () => {
			expect(await rig.store.extendLeases([], rig.now)).toEqual([]);
		});
	});

	describe("a job that is given back", () => {
		const rig = StoreRig.use(create);

		test("is claimed again at no cost of an attempt, however often", async () => {
			let job = await rig.running({ maxAttempts: 1 });
			for (let i = 0; i < 5; i++) {
				await rig.release(job);
				job = await rig.claimOne();
				expect(job.attempt).toBe(1);
			}
			await rig.complete(job);
		});

		test("keeps its hold, its start and its deadline", async () => {
			await rig.grant("ada", 5);
			const job = await rig.running({ price: 5 });
			rig.now += 10_000;
			await rig.release(job);
			const { startedAt, deadlineAt } = job;
			expect((await rig.read(job)).job).toMatchObject({ status: "queued", held: 5, startedAt, deadlineAt });
			expect((await rig.claimOne()).deadlineAt).toBe(deadlineAt);
		});

		test("until later sleeps that long, and is then woken by a sweep", async () => {
			const job = await rig.running();
			await rig.release(job, rig.now + 5_000);
			expect((await rig.read(job)).job).toMatchObject({ status: "queued", waitsFor: "time", leaseToken: null });
			expect(await rig.claim()).toEqual([]);
			expect((await rig.sweep()).nextDueAt).toBe(rig.now + 5_000);
			rig.now += 5_000;
			expect((await rig.sweep()).woken).toBe(1);
			expect((await rig.claimOne()).id).toBe(job.id);
		});

		test("until after its deadline is ended at the deadline", async () => {
			const job = await rig.running();
			await rig.release(job, job.deadlineAt + 60_000);
			rig.now = job.deadlineAt;
			expect((await rig.sweep()).ended.map(({ id, error }) => [id, error?.code])).toEqual([[job.id, "timed_out"]]);
		});
	});
}

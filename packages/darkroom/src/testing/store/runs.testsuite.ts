import { describe, expect, test } from "vitest";
import type { Change, Run } from "../../store/store.ts";
import { type CreateStore, codeOf, leaseOf, StoreRig } from "./rig.testsuite.ts";
import { RunRig } from "./run-rig.testsuite.ts";

export function describeRuns(create: CreateStore): void {
	describe("a run that begins", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);

		test("gets the job as a worker's claim does, under its own id", async () => {
			await rig.grant("ada", 5);
			const run = await runs.sent({ price: 3, charge: "on-start" });
			rig.now += 5_000;
			const begun = await runs.begin(run);
			expect(begun).toMatchObject({ isResumed: false, claimed: { steps: [] } });
			expect(begun.claimed?.job).toMatchObject({ id: run.jobId, status: "running", waitsFor: null, attempt: 1 });
			expect(begun.claimed?.job).toMatchObject({ startedAt: rig.now, deadlineAt: rig.now + 300_000 });
			expect(begun.claimed?.job).toMatchObject({ leaseToken: run.leaseToken, leaseExpiresAt: rig.now + 30_000 });
			expect(begun.claimed?.job).toMatchObject({ held: 0, charged: 3 });
			expect((await rig.read({ id: run.jobId, owner: "ada" })).job).toEqual(begun.claimed?.job);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 2, held: 0, available: 2 });
		});

		test("gets it without knowing for which event, and by an event that no other process has noted yet", async () => {
			const [first, second] = [await rig.submit(), await rig.submit()];
			expect(await runs.begin({ jobId: first.id, leaseToken: "run 1", dispatch: null })).toHaveProperty("isResumed");
			expect(await runs.begin(runs.runOf({ jobId: second.id, change: second.change }))).toHaveProperty("isResumed");
		});

		test("is told as a change of the job, and one that goes on is not", async () => {
			const run = await runs.sent();
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			const job = await runs.begun(run);
			await runs.begun(run);
			stop();
			expect(told).toMatchObject([{ jobId: run.jobId, owner: "ada", status: "running", change: job.change }]);
		});

		test("gives the job back when its lease runs out, like a worker", async () => {
			const { run, job } = await runs.running();
			rig.now += 30_000;
			expect((await rig.sweep()).returned).toBe(1);
			expect(await codeOf(rig.completeStep(job, "draw", 1))).toBe("lease_lost");
			const second = await runs.begun(await runs.runFor(run.jobId));
			expect(second).toMatchObject({ attempt: 2, startedAt: job.startedAt, deadlineAt: job.deadlineAt });
			expect(await runs.refused(run)).toBe("held");
		});
	});

	describe("a run that calls again", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);

		test("goes on, with all that it has done, a longer lease, and nothing else changed", async () => {
			const { run, job } = await runs.running();
			await rig.completeStep(job, "draw", "picture");
			const before = await rig.read(job);
			rig.now += 20_000;
			const again = await runs.begin(run);
			const leaseExpiresAt = rig.now + 30_000;
			expect(again).toEqual({ isResumed: true, claimed: { ...before, job: { ...before.job, leaseExpiresAt } } });
			rig.now += 29_999;
			expect((await rig.sweep()).returned).toBe(0);
			rig.now += 1;
			expect((await rig.sweep()).returned).toBe(1);
		});

		test("never has its lease shortened, nor past the job's deadline", async () => {
			const { run, job } = await runs.running({ timeoutMs: 60_000 });
			await runs.begin(run, rig.now + 600_000);
			expect((await runs.begin(run, rig.now + 1_000)).claimed?.job.leaseExpiresAt).toBe(rig.now + 600_000);
			rig.now = job.deadlineAt;
			expect((await rig.sweep()).ended.map(({ id }) => id)).toEqual([job.id]);
			expect(await runs.refused(run)).toBe("final");
		});

		test("goes on with a job that has become another owner's, and writes as theirs", async () => {
			const { run } = await runs.running();
			await rig.store.transferOwner({ from: "ada", to: "grace", now: rig.now });
			const again = await runs.begin(run);
			expect(again).toMatchObject({ isResumed: true, claimed: { job: { owner: "grace", attempt: 1 } } });
			const job = again.claimed?.job ?? expect.unreachable();
			await rig.complete(job);
			expect((await rig.read(job)).job.status).toBe("completed");
		});
	});

	describe("a run whose job sleeps", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);

		test("takes it up again before its time, as the same attempt, with all that it has done", async () => {
			const { run, job } = await runs.running({ maxAttempts: 1 });
			await rig.completeStep(job, "draw", "picture");
			for (let sleeps = 0; sleeps < 3; sleeps++) {
				await rig.release(await runs.begun(run), rig.now + 10_000);
				rig.now += 5_000;
				const begun = await runs.begin(run);
				expect(begun).toMatchObject({ isResumed: false, claimed: { job: { attempt: 1, runAt: expect.any(Number) } } });
				expect(begun.claimed?.job.runAt).toBeLessThanOrEqual(rig.now);
				expect(begun.claimed?.job).toMatchObject({ startedAt: job.startedAt, deadlineAt: job.deadlineAt });
				expect(begun.claimed?.steps).toMatchObject([{ name: "draw", status: "completed", output: "picture" }]);
			}
			const { jobs } = await rig.everythingOf("ada");
			await rig.complete(jobs[0]?.job ?? expect.unreachable());
		});

		test("waits with it when its owner's places are taken meanwhile, and another run gets it when one is free", async () => {
			const limited = { runningPerOwner: 1 };
			const { run } = await runs.asleep(limited);
			const inBetween = await runs.running(limited);
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			expect(await runs.refused(run)).toBe("waits");
			stop();
			const { job: waiting } = await rig.read({ id: run.jobId, owner: "ada" });
			expect(waiting).toMatchObject({
				status: "queued",
				waitsFor: "owner",
				attempt: 0,
				deadlineAt: expect.any(Number),
			});
			expect(waiting.change).toBeGreaterThan(inBetween.job.change);
			expect(told).toMatchObject([{ jobId: run.jobId, status: "queued", change: waiting.change }]);
			expect(told[0]?.claimable ?? false).toBe(false);
			expect(await runs.refused(run)).toBe("waits");
			rig.now += 10_000;
			expect((await rig.sweep()).woken).toBe(0);
			await rig.complete(inBetween.job);
			expect(await runs.refused(run)).toBe("superseded");
			expect(await runs.begun(await runs.runFor(run.jobId))).toMatchObject({ attempt: 1 });
		});

		test("has lost it when a sweep woke it first", async () => {
			const { run } = await runs.asleep();
			rig.now += 10_000;
			expect((await rig.sweep()).woken).toBe(1);
			expect(await runs.refused(run)).toBe("superseded");
			const second = await runs.runFor(run.jobId);
			expect(await runs.begun(second)).toMatchObject({ attempt: 1 });
			expect(await runs.refused(run)).toBe("held");
			await rig.release(await runs.begun(second), rig.now + 10_000);
			expect(await runs.refused(run)).toBe("waits");
			await runs.begun(second);
		});

		test("takes it up when it has become another owner's in its sleep, and keeps it through another transfer", async () => {
			const { run } = await runs.asleep();
			await rig.store.transferOwner({ from: "ada", to: "grace", now: rig.now });
			const job = await runs.begun(run);
			expect(job).toMatchObject({ owner: "grace", attempt: 1 });
			await rig.store.transferOwner({ from: "grace", to: "cyd", now: rig.now });
			expect(await rig.store.findOwners([leaseOf(job)])).toEqual(new Map([[run.leaseToken, "cyd"]]));
			await rig.release(job, rig.now + 10_000);
			expect(await runs.begun(run)).toMatchObject({ owner: "cyd", attempt: 1 });
		});
	});

	describe("a run that does not get the job is told why", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);
		const other = (run: Run) => ({ ...run, leaseToken: "another run" });

		const reasons: readonly (readonly [string, string, () => Promise<Run>])[] = [
			["unknown", "is not there", async () => ({ jobId: "x".repeat(22), leaseToken: "run", dispatch: 1 })],
			[
				"unknown",
				"was deleted",
				async () => {
					const { run, job } = await runs.running();
					await rig.complete(job);
					await rig.store.deleteJob(rig.asOwner(job));
					return run;
				},
			],
			[
				"final",
				"is completed",
				async () => {
					const { run, job } = await runs.running();
					await rig.complete(job);
					return run;
				},
			],
			[
				"final",
				"was cancelled before any event of it was sent",
				async () => {
					const { id, change } = await rig.submit();
					await rig.store.cancelJob({ viewer: "ada", jobId: id, now: rig.now });
					return runs.runOf({ jobId: id, change });
				},
			],
			["held", "is another run's", async () => other((await runs.running()).run)],
			[
				"held",
				"is a worker's",
				async () => {
					const run = await runs.sent();
					await rig.claimOne();
					return run;
				},
			],
			[
				"waits",
				"is to run later",
				async () => {
					const { id, change } = await rig.submit({ runAt: rig.now + 1 });
					return runs.runOf({ jobId: id, change });
				},
			],
			[
				"waits",
				"is to run later, and it does not know for which event it is",
				async () => forgetful(runs.runOf({ jobId: (await rig.submit({ runAt: rig.now + 1 })).id, change: 1 })),
			],
			[
				"waits",
				"waits for one of its owner's places",
				async () => {
					await runs.running({ runningPerOwner: 1 });
					const { id, change } = await rig.submit({ runningPerOwner: 1 });
					return runs.runOf({ jobId: id, change });
				},
			],
			["waits", "sleeps for another run", async () => ({ ...(await runs.asleep()).run, dispatch: 1_000_000 })],
			["waits", "sleeps, and it does not know for which event it is", async () => forgetful((await runs.asleep()).run)],
			[
				"superseded",
				"waits anew",
				async () => {
					const { run, job } = await runs.running();
					await rig.release(job);
					return run;
				},
			],
		];
		const forgetful = (run: Run): Run => ({ ...run, dispatch: null });

		test.each(reasons)("%s: the job %s", async (reason, _, prepare) => {
			const run = await prepare();
			const before = await rig.everythingOf("ada");
			expect(await runs.begin(run)).toEqual({ claimed: null, reason });
			expect(await rig.everythingOf("ada")).toEqual(before);
		});
	});

	describe("credits that are taken on start", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);

		test("are taken once, however often runs begin, sleep, call again and are lost", async () => {
			await rig.grant("ada", 7);
			const { run, job } = await runs.running({ price: 3, charge: "on-start" });
			await rig.release(job, rig.now + 10_000);
			await runs.begun(run);
			await runs.begun(run);
			rig.now += 30_000;
			await rig.sweep();
			const last = await runs.begun(await runs.runFor(job.id));
			expect(last).toMatchObject({ attempt: 2, held: 0, charged: 3 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 4, held: 0, available: 4 });
			expect((await rig.store.listEntries("ada", 10)).map(({ type }) => type)).toEqual(["capture", "grant"]);
		});
	});
}

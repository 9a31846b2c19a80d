import { describe, expect, test } from "vitest";
import type { Change, Run } from "../../store/store.ts";
import { type CreateStore, codeOf, failure, StoreRig } from "./rig.testsuite.ts";
import { RunRig } from "./run-rig.testsuite.ts";

export function describeRunEnds(create: CreateStore): void {
	describe("a run that its service has ended", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);
		const priced = { price: 5 };

		async function newsOf(work: () => Promise<unknown>): Promise<Change[]> {
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await work();
			stop();
			return told;
		}

		const jobs: readonly (readonly [string, () => Promise<Run>])[] = [
			["runs", async () => (await runs.running(priced)).run],
			["sleeps", async () => (await runs.asleep(priced)).run],
			["waits for it to begin", () => runs.sent(priced)],
		];

		test.each(jobs)("by a cancel cancels the job that %s, for what was delivered", async (_, prepare) => {
			await rig.grant("ada", 5);
			const run = await prepare();
			const ended = await runs.end(run, "cancelled", 2);
			expect(ended).toMatchObject({ status: "cancelled", error: { code: "cancelled" }, held: 0, charged: 2 });
			expect(ended).toEqual((await rig.read({ id: run.jobId, owner: "ada" })).job);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 3, held: 0, available: 3 });
			expect(await runs.refused(run)).toBe("final");
		});

		test.each(jobs.slice(0, 2))("by a failure fails the job that %s, for what was delivered", async (_, prepare) => {
			await rig.grant("ada", 5);
			const run = await prepare();
			const ended = await runs.end(run, failure, 1);
			expect(ended).toMatchObject({ status: "failed", error: failure, held: 0, charged: 1, finishedAt: rig.now });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 4, held: 0, available: 4 });
		});

		test("gives back what was charged on start", async () => {
			await rig.grant("ada", 5);
			const { run } = await runs.running({ ...priced, charge: "on-start" });
			expect(await runs.end(run, failure)).toMatchObject({ charged: 0 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 0, available: 5 });
		});

		test("by a failure before it has begun has failed nothing: the job waits for another run, and that is told", async () => {
			await rig.grant("ada", 5);
			const run = await runs.sent(priced);
			const before = (await rig.read({ id: run.jobId, owner: "ada" })).job;
			const told = await newsOf(async () => expect(await runs.end(run, failure)).toBeNull());
			const after = (await rig.read({ id: run.jobId, owner: "ada" })).job;
			expect(after).toEqual({ ...before, change: after.change });
			expect(after.change).toBeGreaterThan(before.change);
			expect(told).toMatchObject([{ jobId: run.jobId, status: "queued", claimable: true, change: after.change }]);
			await runs.begun(await runs.runFor(run.jobId));
		});

		test("takes its lease away, and that is told to whoever works for it", async () => {
			const { run, job } = await runs.running();
			const told = await newsOf(() => runs.end(run, failure));
			expect(told).toMatchObject([{ jobId: job.id, hasEnded: true, revokedLeaseToken: run.leaseToken }]);
			expect(await codeOf(rig.completeStep(job, "draw", 1))).toBe("lease_lost");
			expect(await codeOf(rig.complete(job))).toBe("lease_lost");
		});

		test("passes its running place on", async () => {
			const limited = { runningPerOwner: 1 };
			const { run } = await runs.running(limited);
			const next = await rig.submit(limited);
			await runs.end(run);
			await runs.begun(await runs.runFor(next.id));
		});

		test("ends a job that has become another owner's", async () => {
			const { run } = await runs.running();
			await rig.store.transferOwner({ from: "ada", to: "grace", now: rig.now });
			expect(await runs.end(run)).toMatchObject({ owner: "grace", status: "cancelled" });
		});

		const strangers: readonly (readonly [string, () => Promise<Run>])[] = [
			["is not there", async () => ({ jobId: "x".repeat(22), leaseToken: "run", dispatch: 1 })],
			["another run has", async () => ({ ...(await runs.running(priced)).run, leaseToken: "another" })],
			["waits for another event's run", async () => ({ ...(await runs.sent(priced)), dispatch: 1_000_000 })],
			["waits for a run, and it does not say whose it is", async () => unnamed(await runs.sent(priced))],
			["sleeps for another event's run", async () => ({ ...(await runs.asleep(priced)).run, dispatch: 1_000_000 })],
			["sleeps, and it does not say whose it is", async () => unnamed((await runs.asleep(priced)).run)],
			[
				"is to run later, and it does not say whose it is",
				async () => unnamed(runs.runOf({ jobId: (await rig.submit({ runAt: rig.now + 1 })).id, change: 1 })),
			],
			[
				"a sweep has taken back",
				async () => {
					const { run } = await runs.running(priced);
					rig.now += 30_000;
					await rig.sweep();
					return run;
				},
			],
			[
				"is completed",
				async () => {
					const { run, job } = await runs.running(priced);
					await rig.complete(job);
					return run;
				},
			],
			[
				"it has ended before",
				async () => {
					const { run } = await runs.running(priced);
					await runs.end(run, failure, 1);
					return run;
				},
			],
			[
				"its owner tries again",
				async () => {
					const { run, job } = await runs.running(priced);
					await runs.end(run, failure);
					await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
					return run;
				},
			],
			[
				"its owner tries again, while it sleeps there",
				async () => {
					const { run, job } = await runs.asleep(priced);
					await runs.end(run);
					await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
					await rig.release(await rig.claimOne(), rig.now + 60_000);
					return run;
				},
			],
			[
				"waits for its owner",
				async () => {
					const { run } = await runs.asleep({ ...priced, runningPerOwner: 1 });
					await runs.running({ runningPerOwner: 1 });
					await runs.begin(run);
					return run;
				},
			],
		];
		const unnamed = (run: Run): Run => ({ ...run, dispatch: null });

		test.each(strangers)("neither ends nor reads a job that %s", async (_, prepare) => {
			await rig.grant("ada", 50);
			const run = await prepare();
			const before = await rig.everythingOf("ada");
			const told = await newsOf(async () => {
				for (const as of ["cancelled", failure] as const) expect(await runs.end(run, as, 1)).toBeNull();
				expect(await rig.store.readRun(run)).toBeNull();
			});
			expect(told).toEqual([]);
			expect(await rig.everythingOf("ada")).toEqual(before);
		});

		test.each(jobs)("may read the job that %s first, to say what was delivered", async (_, prepare) => {
			await rig.grant("ada", 5);
			const run = await prepare();
			expect(await rig.store.readRun(run)).toEqual(await rig.read({ id: run.jobId, owner: "ada" }));
		});

		test("may read the steps of its job", async () => {
			const { run, job } = await runs.running();
			await rig.completeStep(job, "draw", "picture");
			const read = await rig.store.readRun(run);
			expect(read?.steps).toMatchObject([{ name: "draw", output: "picture" }]);
			expect(read).toEqual(await rig.read(job));
		});
	});
}

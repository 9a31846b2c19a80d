import { describe, expect, test } from "vitest";
import type { Job } from "../../core/job.ts";
import { type CreateStore, StoreRig } from "./rig.testsuite.ts";

export function describePlaces(create: CreateStore): void {
	describe("running places of an owner", () => {
		const rig = StoreRig.use(create);
		const limited = { runningPerOwner: 2 };

		async function waitsFor(...jobs: readonly Job[]) {
			const read = await Promise.all(jobs.map((job) => rig.read(job)));
			return read.map(({ job }) => job.waitsFor ?? job.status);
		}

		/** As many as `count`, the first two of them running. */
		async function fill(count: number): Promise<Job[]> {
			const jobs: Job[] = [];
			for (let i = 0; i < count; i++) jobs.push(await rig.submit(limited));
			const claimed = new Map((await rig.claim()).map(({ job }) => [job.id, job]));
			return jobs.map((job) => claimed.get(job.id) ?? job);
		}

		test("are as many as the definition says: the rest waits, out of every claim's sight", async () => {
			const jobs = await fill(4);
			expect(await waitsFor(...jobs)).toEqual(["running", "running", "owner", "owner"]);
			expect(await rig.claim()).toEqual([]);
		});

		test("are each kind's own, and each owner's own", async () => {
			await fill(3);
			const others = [await rig.submit({ ...limited, kind: "write" }), await rig.submit({ ...limited, owner: "bob" })];
			expect(others.map((job) => job.waitsFor)).toEqual(["worker", "worker"]);
			expect(await rig.claim({ kinds: ["draw", "write"] })).toHaveLength(2);
		});

		test("hold back nobody else: a claim reaches past a long backlog", async () => {
			await fill(30);
			const other = await rig.submit({ owner: "bob" });
			expect((await rig.claim({ limit: 1 })).map(({ job }) => job.id)).toEqual([other.id]);
		});

		const endings: readonly (readonly [string, (job: Job) => Promise<unknown>])[] = [
			["completes", (job) => rig.complete(job)],
			["fails", (job) => rig.fail(job)],
			["is cancelled", (job) => rig.store.cancelJob(rig.asOwner(job))],
			["goes to sleep", (job) => rig.release(job, rig.now + 60_000)],
		];
		test.each(endings)("pass on when a job %s: to the next one, and to one only", async (_, end) => {
			const [first, , third, fourth] = (await fill(4)) as [Job, Job, Job, Job];
			await end(first);
			expect(await waitsFor(third, fourth)).toEqual(["worker", "owner"]);
			expect((await rig.claim()).map(({ job }) => job.id)).toEqual([third.id]);
		});

		test("pass on when a job past its deadline is swept", async () => {
			const [, , third] = (await fill(3)) as [Job, Job, Job];
			await rig.release(await lastRunning());
			rig.now += 300_000;
			await rig.sweep();
			expect(await waitsFor(third)).toEqual(["worker"]);
		});

		async function lastRunning(): Promise<Job> {
			const [found] = await rig.store.listJobs({ viewer: "ada", status: ["running"], limit: 1 });
			if (!found) throw new Error("Nothing runs.");
			return found.job;
		}

		test("go to the highest priority first, then to the longest wait", async () => {
			const [first, second] = (await fill(2)) as [Job, Job];
			const later = await rig.submit({ ...limited, runAt: rig.now });
			const earlier = await rig.submit({ ...limited, runAt: rig.now - 1 });
			const urgent = await rig.submit({ ...limited, priority: 1 });
			await rig.complete(first);
			expect(await waitsFor(urgent, earlier, later)).toEqual(["worker", "owner", "owner"]);
			await rig.complete(second);
			expect(await waitsFor(urgent, earlier, later)).toEqual(["worker", "worker", "owner"]);
		});

		test("stay taken by a job that is handed back, or whose worker was lost", async () => {
			const [first, , third] = (await fill(3)) as [Job, Job, Job];
			await rig.release(first);
			expect(await waitsFor(first, third)).toEqual(["worker", "owner"]);
			rig.now += 30_000;
			expect((await rig.sweep()).returned).toBe(1);
			expect(await waitsFor(third)).toEqual(["owner"]);
			expect(await rig.claim()).toHaveLength(2);
		});

		test("are waited for by a delayed job whose time comes, and by one that is tried again", async () => {
			const failed = await rig.running(limited);
			await rig.fail(failed);
			const delayed = await rig.submit({ ...limited, runAt: rig.now + 1_000 });
			await fill(2);
			rig.now += 1_000;
			await rig.sweep();
			await rig.store.retryJob({ ...rig.asOwner(failed), activePerOwner: null });
			expect(await waitsFor(delayed, failed)).toEqual(["owner", "owner"]);
		});

		test("are not given to more than there are when jobs in the backlog are cancelled", async () => {
			const [, , third, fourth] = (await fill(4)) as [Job, Job, Job, Job];
			await rig.store.cancelJob(rig.asOwner(third));
			expect(await waitsFor(fourth)).toEqual(["owner"]);
		});

		test("are told of when they pass on, as work for the claimer", async () => {
			const [first, , third] = (await fill(3)) as [Job, Job, Job];
			const claimable: string[] = [];
			const stop = rig.store.onChange((changes) => {
				for (const change of changes) if (change.claimable) claimable.push(change.jobId);
			});
			await rig.complete(first);
			stop();
			expect(claimable).toEqual([third.id]);
		});
	});
}

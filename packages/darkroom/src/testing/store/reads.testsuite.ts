import { describe, expect, test } from "vitest";
import { newId } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import { type CreateStore, codeOf, StoreRig } from "./rig.testsuite.ts";

export function describeReads(create: CreateStore): void {
	describe("what is not the viewer's", () => {
		const rig = StoreRig.use(create);
		const asBob = (job: Job) => ({ viewer: "bob", jobId: job.id, now: rig.now });

		const requests: readonly (readonly [string, (job: Job) => Promise<unknown>])[] = [
			["readJob", (job) => rig.store.readJob("bob", job.id)],
			["cancelJob", (job) => rig.store.cancelJob(asBob(job))],
			["retryJob", (job) => rig.store.retryJob({ ...asBob(job), activePerOwner: null })],
			["deleteJob", (job) => rig.store.deleteJob(asBob(job))],
			["clearSubject", () => rig.store.clearSubject({ viewer: "bob", subject: "story:1", now: rig.now })],
		];
		test.each(requests)("does not exist to %s, and stays as it was", async (_, request) => {
			await rig.grant();
			const active = await rig.submit({ subject: "story:1", price: 1 });
			const final = await rig.running({ priority: 1 });
			await rig.fail(final);
			const before = await rig.everythingOf("ada");
			for (const job of [active, final]) expect(await codeOf(request(job))).toBe("not_found");
			expect(await rig.everythingOf("ada")).toEqual(before);
		});

		test("is answered as what is not there at all", async () => {
			const job = await rig.submit();
			const sentence = (viewer: string, jobId: string) =>
				rig.store.readJob(viewer, jobId).catch((error: Error) => error.message.replace(jobId, "…"));
			expect(await sentence("bob", job.id)).toBe(await sentence("bob", newId(rig.now)));
		});

		test("is in none of the viewer's lists, counts and sums", async () => {
			await rig.grant();
			const job = await rig.running({ price: 3, subject: "story:1" });
			await rig.completeStep(job, "draw", 1);
			expect(await rig.store.listChanges("bob", 0, 10, [job.id])).toEqual([]);
			expect(await rig.store.listJobs({ viewer: "bob", limit: 10 })).toEqual([]);
			expect(await rig.store.listJobs({ viewer: "bob", subject: "story:1", limit: 10 })).toEqual([]);
			expect(await rig.store.listChanges("bob", 0, 10)).toEqual([]);
			expect(await rig.store.countActive("bob", "draw")).toBe(0);
			expect(await rig.store.listEntries("bob", 10)).toEqual([]);
			expect(await rig.store.readBalance("bob")).toEqual({ posted: 0, held: 0, available: 0 });
		});
	});

	describe("a list", () => {
		const rig = StoreRig.use(create);

		test("is newest first, and goes on page by page without a gap or a repeat", async () => {
			const ids: string[] = [];
			for (let i = 0; i < 7; i++) {
				rig.now += 1;
				ids.unshift((await rig.submit()).id);
			}
			const seen: string[] = [];
			for (let before: string | undefined; ; before = seen.at(-1)) {
				const page = await rig.store.listJobs({ viewer: "ada", limit: 3, before });
				seen.push(...page.map(({ job }) => job.id));
				if (page.length < 3) break;
			}
			expect(seen).toEqual(ids);
		});

		test("can be cut to a kind, a subject and statuses, each alone and together", async () => {
			const cancelled = await rig.submit({ kind: "write", subject: "story:1" });
			await rig.store.cancelJob(rig.asOwner(cancelled));
			const running = await rig.running({ subject: "story:1" });
			const queued = await rig.submit({ kind: "write", subject: "story:2" });
			const list = async (query: object) =>
				(await rig.store.listJobs({ viewer: "ada", limit: 10, ...query })).map(({ job }) => job.id).sort();
			const sorted = (...jobs: Job[]) => jobs.map(({ id }) => id).sort();
			expect(await list({ kind: "write" })).toEqual(sorted(cancelled, queued));
			expect(await list({ subject: "story:1" })).toEqual(sorted(cancelled, running));
			expect(await list({ status: ["queued", "running"] })).toEqual(sorted(running, queued));
			expect(await list({ status: ["cancelled", "running"] })).toEqual(sorted(cancelled, running));
			expect(await list({ status: [] })).toEqual([]);
			expect(await list({ status: ["cancelled"], kind: "write", subject: "story:1" })).toEqual([cancelled.id]);
			expect(await list({ status: ["queued"], kind: "write", subject: "story:1" })).toEqual([]);
		});

		test("brings each job with its steps, in the order in which they began", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", 2, { position: 1 });
			await rig.completeStep(job, "upload", 1, { position: 0 });
			const [listed] = await rig.store.listJobs({ viewer: "ada", limit: 1 });
			expect(listed).toEqual(await rig.read(job));
			expect(listed?.steps.map(({ name }) => name)).toEqual(["upload", "draw"]);
		});
	});

	describe("what a maker is told while waiting", () => {
		const rig = StoreRig.use(create);
		const position = async (job: Job) => rig.store.readQueuePosition((await rig.read(job)).job);

		test("is how many jobs of the kind are before this one, by the order of claims", async () => {
			const [first, second] = [await rig.submit({ owner: "bob" }), await rig.submit({ runAt: rig.now + 0 })];
			const urgent = await rig.submit({ priority: 1 });
			await rig.submit({ kind: "write", priority: 9 });
			expect(await position(urgent)).toBe(0);
			expect((await position(first)) ?? 0).toBeGreaterThan(0);
			expect([await position(first), await position(second)].sort()).toEqual([1, 2]);
			await rig.claimOne();
			expect([await position(first), await position(second)].sort()).toEqual([0, 1]);
		});

		test("counts the owner's own backlog, for a job that waits for its owner", async () => {
			const given = { runningPerOwner: 1, owner: "bob" };
			await rig.running(given);
			const [next, last] = [await rig.submit(given), await rig.submit({ ...given, runAt: rig.now + 0, priority: -1 })];
			expect([await position(next), await position(last)]).toEqual([0, 1]);
		});

		test("is no position for a job that runs, has ended, or waits for its time", async () => {
			const job = await rig.running();
			expect(await position(job)).toBeNull();
			expect(await position(await rig.submit({ runAt: rig.now + 1 }))).toBeNull();
			await rig.complete(job);
			expect(await position(job)).toBeNull();
		});

		test("is learnt from how long completed jobs of the kind ran, and in how many steps, newest first", async () => {
			for (const [durationMs, steps] of [
				[1_000, 1],
				[3_000, 2],
			] as const) {
				const job = await rig.running({ id: newId(rig.now) });
				rig.now += durationMs;
				for (let i = 0; i < steps; i++) await rig.completeStep(job, `step-${i}`, 1, { position: i });
				await rig.complete(job);
			}
			await rig.fail(await rig.running());
			await rig.complete(await rig.running({ kind: "write" }));
			// Neither the time until a dead worker's lease ran out nor that before a retry was work.
			await rig.running();
			rig.now += 60_000;
			await rig.sweep();
			await rig.complete(await rig.claimOne());
			const failed = await rig.running();
			await rig.fail(failed);
			rig.now += 60_000;
			await rig.store.retryJob({ ...rig.asOwner(failed), activePerOwner: null });
			await rig.complete(await rig.claimOne());
			expect(await rig.store.listDurations("draw", 10)).toEqual([
				{ durationMs: 3_000, steps: 2 },
				{ durationMs: 1_000, steps: 1 },
			]);
			expect(await rig.store.listDurations("draw", 1)).toHaveLength(1);
		});
	});
}

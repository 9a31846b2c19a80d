import { describe, expect, test } from "vitest";
import type { Change } from "../../store/store.ts";
import { type CreateStore, codeOf, leaseOf, refusal, StoreRig } from "./rig.testsuite.ts";

export function describeOwnerRequests(create: CreateStore): void {
	describe("a cancel", () => {
		const rig = StoreRig.use(create);

		test.each(["queued", "delayed", "running", "paid and running"])(
			"ends a %s job, and all it held is free",
			async (how) => {
				await rig.grant("ada", 5);
				const delayed = how === "delayed" ? { runAt: rig.now + 60_000 } : {};
				const job = await rig.submit({
					price: 5,
					charge: how.startsWith("paid") ? "on-start" : "on-success",
					...delayed,
				});
				if (how.endsWith("running")) await rig.claimOne();
				const { job: cancelled } = await rig.store.cancelJob(rig.asOwner(job));
				expect(cancelled).toMatchObject({ status: "cancelled", error: { code: "cancelled" }, held: 0, charged: 0 });
				expect(cancelled).toMatchObject({ waitsFor: null, finishedAt: rig.now });
				expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 0, available: 5 });
				expect(await rig.claim()).toEqual([]);
			},
		);

		test("takes the lease away, and says whose it was", async () => {
			const job = await rig.running();
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await rig.store.cancelJob(rig.asOwner(job));
			stop();
			expect(told).toMatchObject([{ jobId: job.id, status: "cancelled", revokedLeaseToken: job.leaseToken }]);
			expect(await codeOf(rig.complete(job))).toBe("lease_lost");
		});

		test("of a final job changes nothing and returns it as it is", async () => {
			const job = await rig.running();
			await rig.complete(job);
			const before = await rig.everythingOf("ada");
			expect((await rig.store.cancelJob(rig.asOwner(job))).job.status).toBe("completed");
			expect(await rig.everythingOf("ada")).toEqual(before);
		});
	});

	describe("a retry", () => {
		const rig = StoreRig.use(create);
		const retry = (job: { id: string; owner: string }, activePerOwner: number | null = null) =>
			rig.store.retryJob({ ...rig.asOwner(job), activePerOwner });

		test.each(["failed", "cancelled"])(
			"puts a %s job back in the queue, with a new hold and a new life",
			async (how) => {
				await rig.grant("ada", 5);
				const job = await rig.running({ price: 5 });
				if (how === "failed") await rig.fail(job);
				else await rig.store.cancelJob(rig.asOwner(job));
				rig.now += 60_000;
				const { job: again } = await retry(job);
				expect(again).toMatchObject({ status: "queued", waitsFor: "worker", held: 5, attempt: 0, error: null });
				expect(again).toMatchObject({
					startedAt: null,
					finishedAt: null,
					runAt: rig.now,
					deadlineAt: rig.now + 600_000,
				});
				expect(again.createdAt).toBe(job.createdAt);
				expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 5, available: 0 });
				expect(await rig.claimOne()).toMatchObject({ id: job.id, attempt: 1, deadlineAt: rig.now + 300_000 });
			},
		);

		test("keeps what is complete and forgets what failed", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", "picture");
			const broken = rig.stepCompletion(job, "frame", null, { position: 1 });
			await rig.store.failStep({ ...broken, error: { code: "outage", message: "Away.", retryable: true } });
			await rig.fail(job);
			const { steps } = await retry(job);
			expect(steps.map(({ name, output }) => [name, output])).toEqual([["draw", "picture"]]);
			const [claimed] = await rig.claim();
			expect(claimed?.steps).toEqual(steps);
		});

		test("holds only what was not charged yet, and never charges more than the price", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8 });
			await rig.fail(job, 3);
			const { job: again } = await retry(job);
			expect(again).toMatchObject({ held: 5, charged: 3 });
			await rig.complete(await rig.claimOne(), 8);
			expect((await rig.read(job)).job).toMatchObject({ held: 0, charged: 8 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 0, held: 0, available: 0 });
		});

		test("charges a job that pays on start anew", async () => {
			await rig.grant("ada", 4);
			const job = await rig.running({ price: 4, charge: "on-start" });
			await rig.fail(job);
			await retry(job);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 4, held: 4, available: 0 });
			expect(await rig.claimOne()).toMatchObject({ held: 0, charged: 4 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 0, held: 0, available: 0 });
		});

		test("is refused without the credits, with the subject in use, or over the limit, and changes nothing", async () => {
			await rig.grant("ada", 5);
			const job = await rig.running({ price: 5, subject: "story:1" });
			await rig.fail(job);
			const other = await rig.submit({ price: 1, subject: "story:1" });
			const before = await rig.everythingOf("ada");
			expect(await refusal(retry(job))).toMatchObject({ code: "conflict", data: { jobId: other.id } });
			const unbound = await rig.running({ kind: "write" });
			await rig.fail(unbound);
			await rig.store.deleteJob(rig.asOwner(unbound));
			expect((await rig.everythingOf("ada")).jobs).toEqual(before.jobs);
			await rig.store.clearSubject({ viewer: "ada", subject: "story:1", now: rig.now });
			await rig.submit({ price: 1 });
			expect(await refusal(retry(job, 1))).toEqual({ code: "too_many_active", data: { limit: 1, active: 1 } });
			expect(await refusal(retry(job))).toEqual({
				code: "insufficient_credits",
				data: { needed: 5, available: 4 },
			});
			expect((await rig.read(job)).job.status).toBe("failed");
			expect((await rig.store.readBalance("ada")).held).toBe(1);
		});

		test("of a job that is active or completed is refused", async () => {
			const job = await rig.submit();
			expect(await refusal(retry(job))).toEqual({ code: "invalid_transition", data: { jobStatus: "queued" } });
			const claimed = await rig.claimOne();
			expect(await codeOf(retry(job))).toBe("invalid_transition");
			await rig.complete(claimed);
			expect(await codeOf(retry(job))).toBe("invalid_transition");
		});

		test("asked for many times at once happens once", async () => {
			await rig.grant("ada", 50);
			const job = await rig.running({ price: 5 });
			await rig.fail(job);
			const answers = await Promise.allSettled(Array.from({ length: 10 }, () => retry(job)));
			expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
			expect((await rig.store.readBalance("ada")).held).toBe(5);
		});
	});

	describe("a clearing", () => {
		const rig = StoreRig.use(create);
		const clear = (viewer = "ada") => rig.store.clearSubject({ viewer, subject: "story:1", now: rig.now });

		test("fails the subject's active job, says so, and frees subject and credits", async () => {
			await rig.grant("ada", 5);
			const job = await rig.running({ subject: "story:1", price: 5 });
			const { job: cleared } = await clear();
			expect(cleared).toMatchObject({ id: job.id, status: "failed", error: { code: "cleared" }, held: 0 });
			expect(cleared.error?.message).toMatch(/cleared/i);
			await rig.submit({ subject: "story:1", price: 5 });
		});

		test("where nothing is active, or only someone else's, finds nothing", async () => {
			await rig.fail(await rig.running({ subject: "story:1" }));
			const other = await rig.submit({ subject: "story:1", owner: "bob" });
			expect(await codeOf(clear())).toBe("not_found");
			expect((await rig.read(other)).job.status).toBe("queued");
		});
	});

	describe("a deletion", () => {
		const rig = StoreRig.use(create);

		test("removes a final job with its steps, and the ledger still adds up", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 3 });
			await rig.completeStep(job, "draw", 1);
			await rig.complete(job);
			const removed = await rig.store.deleteJob(rig.asOwner(job));
			expect(removed).toMatchObject({ job: { id: job.id, status: "completed" }, steps: [{ name: "draw" }] });
			expect(await codeOf(rig.read(job))).toBe("not_found");
			const { balance, entries, sums } = await rig.everythingOf("ada");
			expect(balance).toEqual({ posted: 5, held: 0, available: 5 });
			expect(entries.map(({ type, posted, jobId }) => [type, posted, jobId])).toEqual([
				["capture", -3, null],
				["grant", 8, null],
			]);
			if (sums) expect(sums).toEqual({ posted: 5, held: 0 });
		});

		test.each(["queued", "running"])("of a %s job is refused", async (status) => {
			const job = status === "queued" ? await rig.submit() : await rig.running();
			const refused = await refusal(rig.store.deleteJob(rig.asOwner(job)));
			expect(refused).toEqual({ code: "invalid_transition", data: { jobStatus: status } });
			if (status === "running") expect(await rig.store.listSteps(leaseOf(job))).toEqual([]);
		});

		test("leaves nothing for a job that later gets the same id", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", 1);
			await rig.complete(job);
			await rig.store.deleteJob(rig.asOwner(job));
			const again = await rig.running({ id: job.id });
			expect((await rig.read(again)).steps).toEqual([]);
		});
	});
}

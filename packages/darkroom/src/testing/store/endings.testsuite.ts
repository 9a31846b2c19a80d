import { describe, expect, test } from "vitest";
import type { Job } from "../../core/job.ts";
import type { Change } from "../../store/store.ts";
import { type CreateStore, failure, leaseOf, outcomesOf, StoreRig } from "./rig.testsuite.ts";

export function describeEndings(create: CreateStore): void {
	describe("an ending", () => {
		const rig = StoreRig.use(create);
		const balance = () => rig.store.readBalance("ada");

		test("completed keeps the output, and captures what is due", async () => {
			await rig.grant("ada", 10);
			const job = await rig.running({ price: 8 });
			rig.now += 1_000;
			await rig.store.completeJob({ ...leaseOf(job), output: '{"pages":7}', due: 8, now: rig.now });
			const { job: after } = await rig.read(job);
			expect(after).toMatchObject({ status: "completed", output: { pages: 7 }, error: null, held: 0, charged: 8 });
			expect(after).toMatchObject({ leaseToken: null, leaseExpiresAt: null, waitsFor: null, finishedAt: rig.now });
			expect(await balance()).toEqual({ posted: 2, held: 0, available: 2 });
		});

		test("with 7 of 8 delivered charges 7 and releases the rest", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8 });
			await rig.complete(job, 7);
			expect((await rig.read(job)).job).toMatchObject({ held: 0, charged: 7 });
			expect(await balance()).toEqual({ posted: 1, held: 0, available: 1 });
		});

		test("with 7 of 8 delivered gives one back where the price was paid at the start", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8, charge: "on-start" });
			expect(await balance()).toEqual({ posted: 0, held: 0, available: 0 });
			await rig.complete(job, 7);
			expect((await rig.read(job)).job).toMatchObject({ held: 0, charged: 7 });
			expect(await balance()).toEqual({ posted: 1, held: 0, available: 1 });
		});

		test("failed keeps the reason, and releases the hold: nothing is charged", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8 });
			await rig.fail(job);
			expect((await rig.read(job)).job).toMatchObject({ status: "failed", error: failure, held: 0, charged: 0 });
			expect(await balance()).toEqual({ posted: 8, held: 0, available: 8 });
		});

		test("failed gives all of it back where the price was paid at the start", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8, charge: "on-start" });
			await rig.fail(job);
			expect((await rig.read(job)).job).toMatchObject({ status: "failed", held: 0, charged: 0 });
			expect(await balance()).toEqual({ posted: 8, held: 0, available: 8 });
		});

		test("failed with something delivered charges that, and no more", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8 });
			await rig.fail(job, 3);
			expect((await rig.read(job)).job).toMatchObject({ status: "failed", charged: 3 });
			expect(await balance()).toEqual({ posted: 5, held: 0, available: 5 });
		});

		test.each([
			["fails", (job: Job) => rig.fail(job)],
			["is cleared", () => rig.store.clearSubject({ viewer: "ada", subject: "story:1", now: rig.now })],
			["passes its deadline", () => rig.sweep()],
			["is cancelled with nothing to show", (job: Job) => rig.store.cancelJob(rig.asOwner(job))],
		] satisfies [string, (job: Job) => Promise<unknown>][])(
			"gives back what an earlier life was charged, when its retry %s: it says that nothing was",
			async (_, end) => {
				for (const charge of ["on-success", "on-start"] as const) {
					const { posted } = await rig.store.grantCredits({ owner: "ada", amount: 8, key: charge, now: rig.now });
					const job = await rig.running({ price: 8, charge, subject: "story:1" });
					const { job: cancelled } = await rig.store.cancelJob({ ...rig.asOwner(job), due: 3 });
					expect(cancelled.charged).toBe(3);
					await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
					const again = await rig.claimOne();
					rig.now += 400_000;
					await end(again);
					const { job: ended } = await rig.read(job);
					expect(ended).toMatchObject({ held: 0, charged: 0 });
					expect(ended.error?.message).not.toContain("Only what was finished");
					expect(await balance()).toEqual({ posted, held: 0, available: posted });
					const { sums } = await rig.everythingOf("ada");
					if (sums) expect(sums).toEqual({ posted, held: 0 });
				}
			},
		);

		test.each([
			["more than the price", 99, 8],
			["less than nothing", -5, 0],
			["no number", Number.NaN, 0],
			["half a credit", 2.5, 2],
		])("that asks for %s stays within what was held, and leaves no hold open", async (_, due, charged) => {
			await rig.grant("ada", 10);
			const job = await rig.running({ price: 8 });
			await rig.complete(job, due);
			expect((await rig.read(job)).job).toMatchObject({ status: "completed", held: 0, charged });
			expect(await balance()).toEqual({ posted: 10 - charged, held: 0, available: 10 - charged });
		});

		test("happens once, whoever else tries at the same time", async () => {
			await rig.grant("ada", 8);
			const job = await rig.running({ price: 8 });
			const asked = [rig.complete(job), rig.complete(job), rig.fail(job), rig.fail(job, 8)];
			const cancelled = rig.store.cancelJob(rig.asOwner(job)).then((found) => found.job.status);
			const { values, codes } = await outcomesOf(asked);
			const { status, charged } = (await rig.read(job)).job;
			expect(await cancelled).toBe(status);
			// Any of them may be the first; there is no second.
			expect(values).toHaveLength(status === "cancelled" ? 0 : 1);
			expect(codes).toEqual(values.length === 0 ? Array(4).fill("lease_lost") : Array(3).fill("lease_lost"));
			expect(await balance()).toEqual({ posted: 8 - charged, held: 0, available: 8 - charged });
			const entries = (await rig.store.listEntries("ada", 10)).filter(({ jobId }) => jobId === job.id);
			expect(entries).toHaveLength(charged > 0 ? 1 : 0);
		});

		test("is told after its commit, with the version that a read then shows", async () => {
			const job = await rig.running();
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await rig.complete(job);
			stop();
			expect(told).toMatchObject([{ owner: "ada", jobId: job.id, kind: "draw", status: "completed" }]);
			expect(told[0]?.change).toBe((await rig.read(job)).job.change);
		});
	});
}

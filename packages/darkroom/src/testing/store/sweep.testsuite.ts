import { describe, expect, test } from "vitest";
import type { Change } from "../../store/store.ts";
import { type CreateStore, codeOf, StoreRig } from "./rig.testsuite.ts";

export function describeSweep(create: CreateStore): void {
	describe("a sweep", () => {
		const rig = StoreRig.use(create);

		test("finds nothing to do where nothing is due, and says when there will be", async () => {
			expect(await rig.sweep()).toEqual({ ended: [], returned: 0, woken: 0, nextDueAt: null });
			await rig.running();
			expect(await rig.sweep()).toEqual({ ended: [], returned: 0, woken: 0, nextDueAt: rig.now + 30_000 });
		});

		test("returns a lost worker's job to the queue, and says whose lease is gone", async () => {
			const job = await rig.running();
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			rig.now += 30_000;
			expect(await rig.sweep()).toMatchObject({ ended: [], returned: 1 });
			stop();
			expect(told).toMatchObject([
				{ jobId: job.id, status: "queued", claimable: true, revokedLeaseToken: job.leaseToken },
			]);
			expect(await rig.claimOne()).toMatchObject({ id: job.id, attempt: 2, startedAt: job.startedAt });
		});

		test("fails a job whose workers died too often, and frees what it held", async () => {
			await rig.grant("ada", 5);
			const job = await rig.submit({ maxAttempts: 3, price: 5 });
			for (let attempt = 1; attempt <= 3; attempt++) {
				expect((await rig.claimOne()).attempt).toBe(attempt);
				expect((await rig.sweep()).ended).toEqual([]);
				rig.now += 30_000;
				if (attempt < 3) expect((await rig.sweep()).returned).toBe(1);
			}
			const { ended, returned } = await rig.sweep();
			expect(returned).toBe(0);
			expect(ended).toMatchObject([{ id: job.id, status: "failed", error: { code: "worker_lost" }, held: 0 }]);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 0, available: 5 });
		});

		test.each([
			["on-success", 5],
			["on-start", 0],
		] as const)("ends a running job at its deadline and charges nothing (%s)", async (charge, postedMeanwhile) => {
			await rig.grant("ada", 5);
			const job = await rig.running({ price: 5, charge, timeoutMs: 10_000 });
			expect((await rig.store.readBalance("ada")).posted).toBe(postedMeanwhile);
			rig.now += 9_999;
			expect((await rig.sweep()).ended).toEqual([]);
			rig.now += 1;
			const { ended } = await rig.sweep();
			// Whether anybody could work on it is not known, so it is not blamed.
			const message = "It was not done within 10 seconds and was stopped.";
			expect(ended).toMatchObject([
				{ id: job.id, status: "failed", error: { code: "timed_out", message }, held: 0, charged: 0 },
			]);
			expect(ended[0]).toEqual((await rig.read(job)).job);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 0, available: 5 });
			expect(await codeOf(rig.complete(job))).toBe("lease_lost");
		});

		test("counts the deadline from the first claim, whatever happens in between", async () => {
			const job = await rig.running({ timeoutMs: 50_000 });
			rig.now += 30_000;
			await rig.sweep();
			await rig.claimOne({ leaseExpiresAt: rig.now + 600_000 });
			rig.now += 20_000;
			expect((await rig.sweep()).ended.map(({ id }) => id)).toEqual([job.id]);
		});

		test.each([
			["waits for a worker", {}],
			["waits for its owner", { runningPerOwner: 1 }],
			["waits for its time", { runAt: 1_700_000_030_000 }],
		])("ends a job that nobody came for, while it %s, counted from when it might have run", async (_, given) => {
			await rig.submit({ runningPerOwner: 1, priority: 1, kind: "draw", queueTimeoutMs: 10_000_000 });
			const job = await rig.submit({ queueTimeoutMs: 60_000, ...given });
			rig.now = job.runAt + 59_999;
			expect((await rig.sweep()).ended).toEqual([]);
			rig.now += 1;
			expect((await rig.sweep()).ended).toMatchObject([{ id: job.id, error: { code: "timed_out" }, startedAt: null }]);
		});

		test("takes on no more than its limit, and says that the rest is due at once", async () => {
			for (let i = 0; i < 5; i++) await rig.submit({ queueTimeoutMs: 1_000 });
			await rig.submit({ queueTimeoutMs: 90_000 });
			rig.now += 1_000;
			const first = await rig.sweep(2);
			expect(first.ended).toHaveLength(2);
			expect(first.nextDueAt).toBeLessThanOrEqual(rig.now);
			expect((await rig.sweep(2)).ended).toHaveLength(2);
			const last = await rig.sweep(2);
			expect(last.ended).toHaveLength(1);
			expect(last.nextDueAt).toBe(rig.now + 89_000);
		});

		test("by several at once handles each job once", async () => {
			for (let i = 0; i < 20; i++) await rig.submit({ queueTimeoutMs: 1_000 });
			rig.now += 1_000;
			const connections = await rig.connections();
			const swept = await Promise.all(
				Array.from({ length: 6 }, (_, i) => connections[i % connections.length]?.sweep({ now: rig.now, limit: 7 })),
			);
			const ended = swept.flatMap((one) => one?.ended ?? []).map(({ id }) => id);
			// What another had in hand in that moment is left for the next sweep.
			for (let sweeps = 0; sweeps < 3; sweeps++) ended.push(...(await rig.sweep(7)).ended.map(({ id }) => id));
			expect(ended).toHaveLength(20);
			expect(new Set(ended).size).toBe(20);
		});

		test("brings every job to its end by its deadline, whatever state its worker left it in", async () => {
			await rig.grant("ada", 100);
			await rig.submit({ price: 1 });
			await rig.submit({ price: 1, runAt: rig.now + 50_000 });
			await rig.submit({ price: 1, runningPerOwner: 1, kind: "write" });
			await rig.submit({ price: 1, runningPerOwner: 1, kind: "write" });
			await rig.claim({ kinds: ["draw", "write"] });
			const asleep = await rig.running({ price: 1, charge: "on-start" });
			await rig.release(asleep, rig.now + 10_000_000);
			rig.now += 50_000 + 600_000;
			await rig.sweep();
			const { jobs, balance } = await rig.everythingOf("ada");
			expect(jobs.map(({ job }) => job.status)).toEqual(["failed", "failed", "failed", "failed", "failed"]);
			expect(balance).toEqual({ posted: 100, held: 0, available: 100 });
		});
	});
}

import { describe, expect, test } from "vitest";
import { newLeaseToken } from "../../core/ids.ts";
import { type CreateStore, leaseOf, StoreRig } from "./rig.testsuite.ts";

export function describeClaims(create: CreateStore): void {
	describe("a claim", () => {
		const rig = StoreRig.use(create);

		test("gives a job under a lease of its own, counts the attempt and starts its time", async () => {
			const { id } = await rig.submit();
			rig.now += 5_000;
			const [claimed] = await rig.claim();
			expect(claimed?.steps).toEqual([]);
			expect(claimed?.job).toMatchObject({ id, status: "running", waitsFor: null, attempt: 1, startedAt: rig.now });
			expect(claimed?.job).toMatchObject({ leaseExpiresAt: rig.now + 30_000, deadlineAt: rig.now + 300_000 });
			expect(claimed?.job.leaseToken).toEqual(expect.any(String));
			expect((await rig.read({ id, owner: "ada" })).job).toEqual(claimed?.job);
		});

		test("goes by priority, then by time, then by id, across kinds", async () => {
			const at = rig.now;
			const ids = ["c", "a", "d", "b", "e"].map((letter) => letter.repeat(22));
			const [third, second, fourth, first, fifth] = ids as [string, string, string, string, string];
			await rig.submit({ id: third, kind: "draw", runAt: at - 10 });
			await rig.submit({ id: fourth, kind: "write", runAt: at - 10 });
			await rig.submit({ id: second, kind: "draw", runAt: at - 20 });
			await rig.submit({ id: fifth, kind: "draw", runAt: at });
			await rig.submit({ id: first, kind: "write", runAt: at, priority: 1 });
			const kinds = ["draw", "write"];
			const some = await rig.claim({ kinds, limit: 3 });
			const rest = await rig.claim({ kinds, limit: 3 });
			expect([...some, ...rest].map(({ job }) => job.id)).toEqual([first, second, third, fourth, fifth]);
		});

		test("takes no more than its limit, and nothing of a kind that it did not name", async () => {
			for (let i = 0; i < 3; i++) await rig.submit();
			await rig.submit({ kind: "write" });
			expect(await rig.claim({ limit: 2 })).toHaveLength(2);
			expect(await rig.claim({ limit: 2 })).toHaveLength(1);
			expect(await rig.claim({ kinds: [] })).toEqual([]);
			expect(await rig.claim({ kinds: ["write"] })).toHaveLength(1);
		});

		test("never gives what runs already", async () => {
			await rig.running();
			expect(await rig.claim()).toEqual([]);
		});

		test("does not see a job before its time has come and a sweep has woken it", async () => {
			const job = await rig.submit({ runAt: rig.now + 60_000 });
			expect(job.waitsFor).toBe("time");
			expect(await rig.claim()).toEqual([]);
			rig.now += 59_999;
			expect((await rig.sweep()).woken).toBe(0);
			rig.now += 1;
			expect((await rig.sweep()).woken).toBe(1);
			expect((await rig.claimOne()).id).toBe(job.id);
		});

		test("of a job that ran before brings its steps, in the order in which they started", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", 2, { position: 1 });
			await rig.completeStep(job, "upload", 1, { position: 0 });
			await rig.store.failStep({ ...rig.stepCompletion(job, "analyze", null, { position: 2 }), error: failed });
			await rig.release(job);
			const [again] = await rig.claim();
			expect(again?.steps.map(({ name, status }) => [name, status])).toEqual([
				["upload", "completed"],
				["draw", "completed"],
				["analyze", "failed"],
			]);
		});

		test("charges a job that pays on start, and no other", async () => {
			await rig.grant("ada", 10);
			await rig.submit({ price: 3, charge: "on-start" });
			await rig.submit({ price: 4, charge: "on-success" });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 10, held: 7, available: 3 });
			const jobs = (await rig.claim()).map(({ job }) => job);
			expect(jobs.map(({ held, charged }) => ({ held, charged }))).toEqual([
				{ held: 0, charged: 3 },
				{ held: 4, charged: 0 },
			]);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 7, held: 4, available: 3 });
		});

		test("charges once, however often the job is claimed", async () => {
			await rig.grant("ada", 3);
			const job = await rig.running({ price: 3, charge: "on-start" });
			await rig.release(job);
			await rig.claimOne();
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 0, held: 0, available: 0 });
		});
	});

	describe("an offer", () => {
		const rig = StoreRig.use(create);
		const offer = () => ({ leaseToken: newLeaseToken(), leaseExpiresAt: rig.now + 30_000 });

		test("is taken in the submit's own commit when nobody waits", async () => {
			const given = offer();
			const { job, claimed } = await rig.submitted({ offer: given });
			expect(claimed).toBe(true);
			expect(job).toMatchObject({ ...given, status: "running", waitsFor: null, attempt: 1, startedAt: rig.now });
			expect(job.deadlineAt).toBe(rig.now + 300_000);
			expect((await rig.read(job)).job).toEqual(job);
			expect(await rig.claim()).toEqual([]);
			await rig.store.completeJob({ ...leaseOf(job), output: "1", due: 0, now: rig.now });
		});

		test("is not taken past anyone who waits for a worker", async () => {
			const first = await rig.submit();
			const { job, claimed } = await rig.submitted({ offer: offer() });
			expect(claimed).toBe(false);
			expect(job).toMatchObject({ status: "queued", leaseToken: null, attempt: 0, startedAt: null });
			expect((await rig.claim()).map((one) => one.job.id)).toEqual([first.id, job.id]);
		});

		test("is taken past those who wait for their time or their owner", async () => {
			await rig.running({ owner: "bob", runningPerOwner: 1 });
			await rig.submit({ owner: "bob", runningPerOwner: 1 });
			await rig.submit({ runAt: rig.now + 1 });
			expect((await rig.submitted({ offer: offer() })).claimed).toBe(true);
		});

		test("is not taken by a job that is to run later, nor past its owner's running places", async () => {
			await rig.running({ runningPerOwner: 1 });
			expect((await rig.submitted({ offer: offer(), runAt: rig.now + 1 })).claimed).toBe(false);
			const { job, claimed } = await rig.submitted({ offer: offer(), runningPerOwner: 1 });
			expect({ claimed, waitsFor: job.waitsFor }).toEqual({ claimed: false, waitsFor: "owner" });
		});

		test("that is taken charges a job that pays on start", async () => {
			await rig.grant("ada", 5);
			const { job } = await rig.submitted({ offer: offer(), price: 3, charge: "on-start" });
			expect(job).toMatchObject({ held: 0, charged: 3 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 2, held: 0, available: 2 });
		});

		test("is answered with no lease when the idempotency key names a job that is there", async () => {
			await rig.submitted({ offer: offer(), idempotencyKey: "k" });
			expect(await rig.submitted({ offer: offer(), idempotencyKey: "k" })).toMatchObject({
				created: false,
				claimed: false,
			});
		});
	});
}

const failed = { code: "throttled", message: "Busy.", retryable: true } as const;

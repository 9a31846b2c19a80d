import { describe, expect, test } from "vitest";
import { newId } from "../../core/ids.ts";
import { type CreateStore, codeOf, refusal, StoreRig } from "./rig.testsuite.ts";

export function describeAdmission(create: CreateStore): void {
	describe("admission", () => {
		const rig = StoreRig.use(create);

		test("an accepted job is queued, with all that was said of it", async () => {
			await rig.grant();
			const given = {
				subject: "story:1",
				idempotencyKey: "k",
				price: 3,
				priority: 2,
				runningPerOwner: 4,
				expectedSteps: 7,
			};
			const { job, created, claimed } = await rig.submitted(given);
			expect({ created, claimed }).toEqual({ created: true, claimed: false });
			expect(job).toMatchObject({ ...given, status: "queued", waitsFor: "worker", attempt: 0, held: 3, charged: 0 });
			expect(job).toMatchObject({ input: { pages: 8 }, createdAt: rig.now, startedAt: null, finishedAt: null });
			expect(job.deadlineAt).toBe(rig.now + 600_000);
			expect((await rig.read(job)).job).toEqual(job);
		});

		test("keeps how many steps a job is expected to take, through its run and a retry, whichever way it came in", async () => {
			const plain = await rig.submit({ expectedSteps: 7 });
			const locked = await rig.submit({ expectedSteps: 5, subject: "story:1" });
			const unknown = await rig.submit({ expectedSteps: null });
			for (const { job } of await rig.claim()) await rig.fail(job);
			for (const [job, steps] of [[plain, 7] as const, [locked, 5] as const, [unknown, null] as const]) {
				expect((await rig.read(job)).job).toMatchObject({ status: "failed", expectedSteps: steps });
				const again = await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
				expect(again.job.expectedSteps).toBe(steps);
			}
		});

		describe("an idempotency key", () => {
			test("used again for the same request gives the same job, and holds nothing more", async () => {
				await rig.grant("ada", 3);
				const first = await rig.submitted({ idempotencyKey: "k", price: 3 });
				const again = await rig.submitted({ idempotencyKey: "k", price: 3 });
				expect(again).toMatchObject({ created: false, claimed: false, job: { id: first.job.id } });
				expect(await rig.store.readBalance("ada")).toEqual({ posted: 3, held: 3, available: 0 });
			});

			test("gives the same job even where subject, limit and credits would refuse a new one", async () => {
				await rig.grant("ada", 1);
				const given = { idempotencyKey: "k", price: 1, subject: "story:1", activePerOwner: 1 };
				const first = await rig.submit(given);
				expect((await rig.submit(given)).id).toBe(first.id);
			});

			test("gives the same job after it ended", async () => {
				const job = await rig.running({ idempotencyKey: "k" });
				await rig.complete(job);
				expect(await rig.submitted({ idempotencyKey: "k" })).toMatchObject({
					created: false,
					job: { id: job.id, status: "completed" },
				});
			});

			test.each([
				["another input", { input: '{"pages":9}' }],
				["another kind", { kind: "write" }],
			])("used for %s is refused, and the refusal names the job", async (_, other) => {
				const { id: jobId } = await rig.submit({ idempotencyKey: "k" });
				const refused = await refusal(rig.submit({ idempotencyKey: "k", ...other }));
				expect(refused).toEqual({ code: "idempotency_mismatch", data: { jobId } });
			});

			test("is an owner's own: another's job is not found by it", async () => {
				const { id } = await rig.submit({ idempotencyKey: "k" });
				const other = await rig.submitted({ idempotencyKey: "k", owner: "bob" });
				expect(other.created).toBe(true);
				expect(other.job.id).not.toBe(id);
			});

			test("is free again when its job is deleted", async () => {
				const job = await rig.running({ idempotencyKey: "k" });
				await rig.complete(job);
				await rig.store.deleteJob(rig.asOwner(job));
				expect((await rig.submitted({ idempotencyKey: "k" })).created).toBe(true);
			});
		});

		describe("a subject", () => {
			test("that is being worked on is refused, with the active job, its status and its age", async () => {
				const job = await rig.running({ subject: "story:1" });
				rig.now += 42_000;
				const refused = await refusal(rig.submit({ subject: "story:1" }));
				expect(refused).toEqual({
					code: "conflict",
					data: { jobId: job.id, jobStatus: "running", ageMs: 42_000 },
				});
			});

			test("is one lock for all kinds of jobs, and free for every other subject", async () => {
				await rig.submit({ subject: "story:1" });
				expect(await codeOf(rig.submit({ subject: "story:1", kind: "write" }))).toBe("conflict");
				await rig.submit({ subject: "story:2" });
			});

			test("is free as soon as its job is final", async () => {
				const job = await rig.running({ subject: "story:1" });
				await rig.fail(job);
				await rig.submit({ subject: "story:1" });
			});

			test("is an owner's own: nobody can lock what is another's", async () => {
				await rig.submit({ subject: "story:1" });
				await rig.submit({ subject: "story:1", owner: "bob" });
			});

			test("whose job is stale is cleared by the submit, and what that job held is free", async () => {
				await rig.grant("ada", 1);
				const stuck = await rig.running({ subject: "story:1", price: 1 });
				rig.now += 300_001;
				const next = await rig.submit({ subject: "story:1", price: 1, staleAfterMs: 300_000 });
				const { job } = await rig.read(stuck);
				expect(job).toMatchObject({ status: "failed", error: { code: "cleared" }, held: 0, charged: 0 });
				expect(await rig.store.readBalance("ada")).toEqual({ posted: 1, held: 1, available: 0 });
				expect(next.status).toBe("queued");
			});

			test("whose job is exactly as old as allowed is not stale yet", async () => {
				await rig.submit({ subject: "story:1" });
				rig.now += 300_000;
				expect(await codeOf(rig.submit({ subject: "story:1", staleAfterMs: 300_000 }))).toBe("conflict");
			});

			test("of an old job that was just tried again is not stale: its age counts from the retry", async () => {
				const job = await rig.running({ subject: "story:1" });
				await rig.fail(job);
				rig.now += 3_600_000;
				await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
				rig.now += 1_000;
				const refused = await refusal(rig.submit({ subject: "story:1", staleAfterMs: 300_000 }));
				expect(refused).toMatchObject({ code: "conflict", data: { jobId: job.id, ageMs: 1_000 } });
			});

			test.each([
				["the hold", { price: 2 }, "insufficient_credits"],
				["the limit", { activePerOwner: 1 }, "too_many_active"],
			])("whose stale job was cleared is as before when %s is then refused", async (_, given, code) => {
				await rig.grant("ada", 1);
				await rig.submit({ subject: "story:2" });
				const stuck = await rig.running({ subject: "story:1", price: 1, priority: 1 });
				rig.now += 300_001;
				const before = await rig.everythingOf("ada");
				expect(await codeOf(rig.submit({ subject: "story:1", staleAfterMs: 300_000, ...given }))).toBe(code);
				expect(await rig.everythingOf("ada")).toEqual(before);
				await rig.complete(stuck);
			});
		});

		describe("an owner's limit", () => {
			test("lets in as many as it says and refuses the next, with limit and active count", async () => {
				for (let i = 0; i < 5; i++) await rig.submit({ activePerOwner: 5 });
				const refused = await refusal(rig.submit({ activePerOwner: 5 }));
				expect(refused).toEqual({ code: "too_many_active", data: { limit: 5, active: 5 } });
			});

			test("counts queued, delayed and running jobs of the kind, and no others", async () => {
				await rig.running({ activePerOwner: 3 });
				await rig.submit({ activePerOwner: 3 });
				await rig.submit({ activePerOwner: 3, runAt: rig.now + 60_000 });
				await rig.submit({ activePerOwner: 3, kind: "write" });
				await rig.submit({ activePerOwner: 3, owner: "bob" });
				expect(await codeOf(rig.submit({ activePerOwner: 3 }))).toBe("too_many_active");
				expect(await rig.store.countActive("ada", "draw")).toBe(3);
			});

			test("has room again when one is final", async () => {
				const job = await rig.running({ activePerOwner: 1 });
				expect(await codeOf(rig.submit({ activePerOwner: 1 }))).toBe("too_many_active");
				await rig.complete(job);
				await rig.submit({ activePerOwner: 1 });
			});
		});

		describe("a price", () => {
			test("is held, not posted, until the job ends", async () => {
				await rig.grant("ada", 5);
				await rig.submit({ price: 3 });
				expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 3, available: 2 });
			});

			test("above what is available is refused, with both numbers", async () => {
				await rig.grant("ada", 5);
				await rig.submit({ price: 3 });
				const refused = await refusal(rig.submit({ price: 3 }));
				expect(refused).toEqual({ code: "insufficient_credits", data: { needed: 3, available: 2 } });
			});

			test("of nothing needs no account", async () => {
				await rig.submit({ price: 0, owner: "nobody" });
				expect(await codeOf(rig.submit({ price: 1, owner: "nobody" }))).toBe("insufficient_credits");
			});
		});

		describe("an asset of the input", () => {
			const picture = (owner: string, createdAt: number) => ({
				...{ id: newId(createdAt), owner, contentType: "image/png", size: 3, width: 1, height: 1, blur: null },
				...{ createdAt, keptAt: null },
			});

			test("is kept from then on: no sweep takes it", async () => {
				const asset = picture("ada", rig.now);
				await rig.store.createAsset(asset);
				await rig.submit({ assets: [asset.id] });
				expect(await rig.store.takeOrphanAssets({ createdBefore: rig.now + 1, now: rig.now, limit: 10 })).toEqual([]);
				expect((await rig.store.readAsset("ada", asset.id)).keptAt).toBe(rig.now);
			});

			test("that is someone else's does not exist, and the refused submit keeps none of the others", async () => {
				const [own, other] = [picture("ada", rig.now), picture("bob", rig.now)];
				await rig.store.createAsset(own);
				await rig.store.createAsset(other);
				expect(await codeOf(rig.submit({ assets: [own.id, other.id] }))).toBe("not_found");
				expect((await rig.store.readAsset("ada", own.id)).keptAt).toBeNull();
				expect((await rig.store.readAsset("bob", other.id)).keptAt).toBeNull();
			});
		});

		test.each([
			["a known key with another input", { idempotencyKey: "k", input: "{}" }, "idempotency_mismatch"],
			["an asset that is not there", { assets: [newId(1)] }, "not_found"],
			["a subject in use", { subject: "story:1" }, "conflict"],
			["a full limit", { activePerOwner: 1 }, "too_many_active"],
			["too high a price", { price: 10 }, "insufficient_credits"],
		])("a submit refused for %s leaves nothing behind", async (_, given, code) => {
			await rig.grant("ada", 5);
			await rig.submit({ subject: "story:1", idempotencyKey: "k", price: 1 });
			const before = await rig.everythingOf("ada");
			const cursor = await rig.store.readCursor("ada");
			expect(await codeOf(rig.submit({ price: 1, ...given }))).toBe(code);
			expect(await rig.everythingOf("ada")).toEqual(before);
			expect(await rig.store.readCursor("ada")).toBe(cursor);
		});
	});
}

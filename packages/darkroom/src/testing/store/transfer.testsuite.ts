import { describe, expect, test } from "vitest";
import { newId } from "../../core/ids.ts";
import type { Change } from "../../store/store.ts";
import { type CreateStore, codeOf, leaseOf, StoreRig } from "./rig.testsuite.ts";

export function describeTransfer(create: CreateStore): void {
	describe("a guest who becomes somebody", () => {
		const rig = StoreRig.use(create);
		const transfer = () => rig.store.transferOwner({ from: "guest", to: "ada", now: rig.now });

		test("brings jobs with their steps, credits and holds along, and leaves nothing", async () => {
			await rig.grant("guest", 10);
			await rig.grant("ada", 1);
			const done = await rig.running({ owner: "guest", price: 2 });
			await rig.completeStep(done, "draw", "picture");
			await rig.complete(done);
			await rig.submit({ owner: "guest", price: 3 });
			const before = await rig.everythingOf("guest");
			await transfer();
			const [guest, ada] = [await rig.everythingOf("guest"), await rig.everythingOf("ada")];
			expect(guest.jobs).toEqual([]);
			expect(guest.balance).toEqual({ posted: 0, held: 0, available: 0 });
			expect(ada.balance).toEqual({ posted: 9, held: 3, available: 6 });
			expect(ada.jobs.map(({ job, steps }) => [job.id, job.status, steps])).toEqual(
				before.jobs.map(({ job, steps }) => [job.id, job.status, steps]),
			);
			expect(ada.jobs.every(({ job }) => job.owner === "ada")).toBe(true);
			if (guest.sums)
				expect([guest.sums, ada.sums]).toEqual([
					{ posted: 0, held: 0 },
					{ posted: 9, held: 3 },
				]);
			expect(ada.jobs.reduce((sum, { job }) => sum + job.held, 0)).toBe(3);
		});

		test("brings along what the jobs cost: the new owner's statement tells it, and adds up; the old one's has nothing of it", async () => {
			await rig.grant("guest", 10);
			const delivered = await rig.running({ owner: "guest", price: 2 });
			await rig.complete(delivered);
			const atStart = await rig.running({ owner: "guest", price: 3, charge: "on-start" });
			await rig.fail(atStart);
			const active = await rig.running({ owner: "guest", price: 4 });
			await transfer();
			const told = (owner: string) =>
				rig.store
					.listEntries(owner, 50)
					.then((entries) => entries.map(({ type, posted, jobId }) => [type, posted, jobId]).sort());
			expect(await told("ada")).toEqual(
				[
					["capture", -2, delivered.id],
					["capture", -3, atStart.id],
					["refund", 3, atStart.id],
					["transfer", 10, null],
				].sort(),
			);
			expect(await told("guest")).toEqual([
				["grant", 10, null],
				["transfer", -10, null],
			]);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 8, held: 4, available: 4 });

			await rig.complete(await rig.claimOne());
			const entries = await rig.store.listEntries("ada", 50);
			expect(entries.filter(({ jobId }) => jobId === active.id)).toMatchObject([{ type: "capture", posted: -4 }]);
			expect(entries.reduce((sum, { posted }) => sum + posted, 0)).toBe(4);
			const { sums } = await rig.everythingOf("ada");
			if (sums) expect(sums).toEqual({ posted: 4, held: 0 });
		});

		test("who has spent everything still brings along what it was spent on", async () => {
			await rig.grant("guest", 2);
			const job = await rig.running({ owner: "guest", price: 2 });
			await rig.complete(job);
			await transfer();
			const entries = await rig.store.listEntries("ada", 50);
			expect(entries.find(({ type }) => type === "capture")).toMatchObject({ posted: -2, jobId: job.id });
			expect(entries.reduce((sum, { posted }) => sum + posted, 0)).toBe(0);
			expect((await rig.store.listEntries("guest", 50)).reduce((sum, { posted }) => sum + posted, 0)).toBe(0);
		});

		test("brings pictures along", async () => {
			const id = newId(rig.now);
			const rest = { contentType: "image/png", size: 1, width: null, height: null, blur: null, keptAt: null };
			await rig.store.createAsset({ ...rest, id, owner: "guest", createdAt: rig.now });
			await transfer();
			expect((await rig.store.readAsset("ada", id)).owner).toBe("ada");
			expect(await codeOf(rig.store.readAsset("guest", id))).toBe("not_found");
		});

		test("does not collide with keys and subjects that are in use already: theirs stay, the guest's give way", async () => {
			const own = await rig.submit({ owner: "ada", subject: "story:1", idempotencyKey: "k" });
			const active = await rig.submit({ owner: "guest", subject: "story:1", idempotencyKey: "k" });
			const other = await rig.submit({ owner: "guest", subject: "story:2", idempotencyKey: "other" });
			await transfer();
			const [ownNow, activeNow, otherNow] = await Promise.all(
				[own, active, other].map(async ({ id }) => (await rig.read({ id, owner: "ada" })).job),
			);
			expect(ownNow).toMatchObject({ subject: "story:1", idempotencyKey: "k" });
			expect(activeNow).toMatchObject({ subject: null, idempotencyKey: null, status: "queued" });
			expect(otherNow).toMatchObject({ subject: "story:2", idempotencyKey: "other" });
			expect(await codeOf(rig.submit({ subject: "story:2" }))).toBe("conflict");
		});

		test("finds what was running in the queue again: its worker knew it by its old owner", async () => {
			await rig.grant("guest", 5);
			const job = await rig.running({ owner: "guest", price: 5, maxAttempts: 1 });
			await rig.completeStep(job, "draw", "picture");
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await transfer();
			stop();
			expect(told).toMatchObject([
				{ owner: "ada", jobId: job.id, status: "queued", claimable: true, revokedLeaseToken: job.leaseToken },
			]);
			expect(await codeOf(rig.complete(job))).toBe("lease_lost");
			const [claimed] = await rig.claim();
			expect(claimed?.job).toMatchObject({ id: job.id, owner: "ada", attempt: 1, deadlineAt: job.deadlineAt });
			expect(claimed?.steps).toMatchObject([{ name: "draw", output: "picture" }]);
			if (claimed) await rig.complete(claimed.job);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 0, held: 0, available: 0 });
		});

		test("gets the refund of what a guest had paid at the start, with the guest's last credit", async () => {
			await rig.grant("guest", 4);
			await rig.running({ owner: "guest", price: 4, charge: "on-start" });
			await transfer();
			await rig.fail(await rig.claimOne());
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 4, held: 0, available: 4 });
		});

		test("never has more running than the kind allows, and nothing is left waiting for ever", async () => {
			const limited = { runningPerOwner: 2 };
			for (const owner of ["ada", "guest"]) for (let i = 0; i < 3; i++) await rig.submit({ ...limited, owner });
			const held = (await rig.claim()).filter(({ job }) => job.owner === "ada");
			expect(held).toHaveLength(2);
			await transfer();
			expect(await rig.claim()).toEqual([]);
			let done = 0;
			for (let running = held.map(({ job }) => job); running.length > 0; done++) {
				await rig.complete(running.shift() ?? (running[0] as never));
				running.push(...(await rig.claim()).map(({ job }) => job));
				expect(running.length).toBeLessThanOrEqual(2);
			}
			expect(done).toBe(6);
		});

		test("takes up the free running places at once", async () => {
			for (let i = 0; i < 3; i++) await rig.submit({ owner: "guest", runningPerOwner: 2 });
			await rig.claim();
			await transfer();
			expect((await rig.claim()).map(({ job }) => job.owner)).toEqual(["ada", "ada"]);
		});

		test("shows every job that moved to those who watch the new owner", async () => {
			const job = await rig.running({ owner: "guest" });
			await rig.complete(job);
			const cursor = await rig.store.readCursor("ada");
			await transfer();
			expect((await rig.store.listChanges("ada", cursor, 10)).map((one) => one.job.id)).toEqual([job.id]);
		});

		test("and is the same person already, changes nothing", async () => {
			await rig.grant("ada", 3);
			const job = await rig.running({ price: 3 });
			const before = await rig.everythingOf("ada");
			await rig.store.transferOwner({ from: "ada", to: "ada", now: rig.now });
			expect(await rig.everythingOf("ada")).toEqual(before);
			expect(await rig.store.listSteps(leaseOf(job))).toEqual([]);
		});
	});
}

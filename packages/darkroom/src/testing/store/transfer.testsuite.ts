import { describe, expect, test } from "vitest";
import type { Asset } from "../../core/asset.ts";
import { newId } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Change } from "../../store/store.ts";
import { type CreateStore, codeOf, failure, leaseOf, StoreRig } from "./rig.testsuite.ts";

export function describeTransfer(create: CreateStore): void {
	describe("a guest who becomes somebody", () => {
		const rig = StoreRig.use(create);
		const transfer = () => rig.store.transferOwner({ from: "guest", to: "ada", now: rig.now });

		function asset(owner: string): Asset {
			const rest = { contentType: "image/png", size: 1, width: null, height: null, blur: null, keptAt: null };
			return { ...rest, id: newId(rig.now), owner, createdAt: rig.now };
		}

		function listen() {
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			return { told, stop };
		}

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

			await rig.complete(active);
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
			const { id } = await rig.store.createAsset(asset("guest"));
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

		test("keeps what is running with its worker, who may go on naming the old owner: all that it writes is the new owner's", async () => {
			await rig.grant("guest", 5);
			const job = await rig.running({ owner: "guest", price: 5, maxAttempts: 1 });
			await rig.completeStep(job, "upload", "photo");
			await rig.store.startStep(rig.stepStart(job, "draw", { position: 1 }));
			const { told, stop } = listen();
			await transfer();
			stop();
			expect(told).toMatchObject([
				{ owner: "ada", jobId: job.id, status: "running", movedLeaseToken: job.leaseToken, claimable: false },
			]);
			expect(told[0]?.revokedLeaseToken ?? null).toBeNull();
			expect(await rig.claim()).toEqual([]);
			const after = { ...job, owner: "ada" };
			for (const [i, named] of [job, after].entries()) {
				const lease = leaseOf(named);
				expect(await rig.store.findOwners([lease])).toEqual(new Map([[lease.leaseToken, "ada"]]));
				expect(await rig.store.extendLeases([lease], rig.now + 60_000 + i)).toEqual([]);
				expect((await rig.read(after)).job.leaseExpiresAt).toBe(rig.now + 60_000 + i);
				await rig.store.reportProgress({ ...lease, progress: 10 + i, message: null, now: rig.now });
				const failed = rig.stepCompletion(named, "flaky", null, { position: 2, attempts: i + 1 });
				await rig.store.failStep({ ...failed, error: failure });
				await rig.store.startStep(rig.stepStart(named, `step-${i}`, { position: 3 + i }));
				await rig.completeStep(named, `step-${i}`, i, { position: 3 + i });
				expect((await rig.store.listSteps(lease)).map(({ name }) => name)).toContain(`step-${i}`);
			}
			const picture = await rig.store.createAsset(asset(job.owner), leaseOf(job));
			expect(picture.owner).toBe("ada");
			await rig.completeStep(job, "draw", picture.id, { position: 1, keeps: [picture.id] });
			expect(await rig.store.readAsset("ada", picture.id)).toMatchObject({ owner: "ada", keptAt: rig.now });
			expect((await rig.read(after)).job).toMatchObject({ status: "running", attempt: 1, progress: 11 });

			const heard = listen();
			await rig.complete(job);
			heard.stop();
			expect(heard.told).toMatchObject([{ owner: "ada", jobId: job.id, status: "completed", hasEnded: true }]);
			expect((await rig.read(after)).job).toMatchObject({
				status: "completed",
				charged: 5,
				deadlineAt: job.deadlineAt,
			});
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 0, held: 0, available: 0 });
			expect(await rig.store.readBalance("guest")).toEqual({ posted: 0, held: 0, available: 0 });
			expect((await rig.store.findOwners([leaseOf(job)])).size).toBe(0);
		});

		test.each([
			["gives it back", (job: Job) => rig.release(job), "queued"],
			["fails", (job: Job) => rig.fail(job), "failed"],
		] as const)(
			"and then another's, has a worker that still names the first: one that %s is heard",
			async (_, write, status) => {
				await rig.grant("guest", 3);
				const job = await rig.running({ owner: "guest", price: 3 });
				await transfer();
				await rig.store.transferOwner({ from: "ada", to: "grace", now: rig.now });
				await write(job);
				expect((await rig.read({ id: job.id, owner: "grace" })).job).toMatchObject({
					status,
					attempt: status === "queued" ? 0 : 1,
				});
				expect((await rig.store.readBalance("grace")).posted).toBe(3);
				// Over is over, whomever it names.
				for (const owner of ["guest", "ada", "grace"])
					expect(await codeOf(rig.complete({ ...job, owner }))).toBe("lease_lost");
			},
		);

		test("fences as before: whoever lost the lease can write nothing, whomever it names", async () => {
			const job = await rig.running({ owner: "guest" });
			await transfer();
			await rig.store.cancelJob({ viewer: "ada", jobId: job.id, now: rig.now });
			const before = await rig.everythingOf("ada");
			for (const owner of ["guest", "ada"]) {
				const named = { ...job, owner };
				expect(await codeOf(rig.completeStep(named, "draw", 1))).toBe("lease_lost");
				expect(await codeOf(rig.fail(named))).toBe("lease_lost");
				expect(await codeOf(rig.store.createAsset(asset(owner), leaseOf(named)))).toBe("lease_lost");
				expect(await rig.store.extendLeases([leaseOf(named)], rig.now + 60_000)).toEqual([job.leaseToken]);
			}
			expect(await rig.everythingOf("ada")).toEqual(before);
		});

		test("at the very moment at which a worker writes loses nothing of it, wherever either comes from", async () => {
			const connections = await rig.connections();
			const elsewhere = connections.at(-1) ?? rig.store;
			for (let round = 0; round < 20; round++) {
				const [from, to] = [`guest-${round}`, `user-${round}`];
				await rig.grant(from, 3);
				const job = await rig.running({ owner: from, price: 3 });
				const stored = asset(from);
				await Promise.all([
					rig.store
						.createAsset(stored, leaseOf(job))
						.then(() => rig.completeStep(job, "draw", 1, { keeps: [stored.id] })),
					elsewhere.transferOwner({ from, to, now: rig.now }),
					rig.store.reportProgress({ ...leaseOf(job), progress: 50, message: null, now: rig.now }),
				]);
				await rig.complete(job);
				const { job: done, steps } = await rig.read({ id: job.id, owner: to });
				expect(done).toMatchObject({ status: "completed", charged: 3, progress: 50 });
				expect(steps.map(({ name }) => name)).toEqual(["draw"]);
				expect(await rig.store.readAsset(to, stored.id)).toMatchObject({ owner: to, keptAt: rig.now });
				expect(await rig.store.readBalance(to)).toEqual({ posted: 0, held: 0, available: 0 });
			}
		});

		test("gets the refund of what a guest had paid at the start, with the guest's last credit", async () => {
			await rig.grant("guest", 4);
			const job = await rig.running({ owner: "guest", price: 4, charge: "on-start" });
			await transfer();
			await rig.fail(job);
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
			await transfer();
			expect((await rig.claim()).map(({ job }) => job.owner)).toEqual(["ada", "ada"]);
		});

		test("keeps running what has a place, and only the rest goes back to wait for one, at no cost of an attempt", async () => {
			const limited = { runningPerOwner: 3, maxAttempts: 1 };
			const own = [await rig.running(limited), await rig.running(limited)];
			const guests = [
				await rig.running({ ...limited, owner: "guest" }),
				await rig.running({ ...limited, owner: "guest" }),
			];
			const waiting = await rig.submit({ ...limited, owner: "guest", priority: 9, runAt: rig.now + 1_000 });
			const { told, stop } = listen();
			await transfer();
			stop();
			const moved = (await Promise.all(guests.map(({ id }) => rig.read({ id, owner: "ada" })))).map(({ job }) => job);
			expect(moved.map(({ status }) => status).sort()).toEqual(["queued", "running"]);
			const [goesOn, goesBack] = moved[0]?.status === "running" ? guests : guests.toReversed();
			if (!goesOn || !goesBack) throw new Error("Two were running.");
			expect(told.find(({ jobId }) => jobId === goesOn.id)).toMatchObject({ movedLeaseToken: goesOn.leaseToken });
			expect(told.find(({ jobId }) => jobId === goesBack.id)).toMatchObject({
				status: "queued",
				revokedLeaseToken: goesBack.leaseToken,
			});
			expect(await codeOf(rig.complete(goesBack))).toBe("lease_lost");
			expect(await rig.claim()).toEqual([]);
			await rig.complete(goesOn);
			expect(await rig.claimOne()).toMatchObject({ id: goesBack.id, attempt: 1, deadlineAt: goesBack.deadlineAt });
			for (const job of own) await rig.complete(job);
			expect((await rig.read({ id: waiting.id, owner: "ada" })).job.waitsFor).toBe("time");
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

import { describe, expect, test } from "vitest";
import { type CreateStore, outcomesOf, refusal, StoreRig } from "./rig.testsuite.ts";

export function describeCredits(create: CreateStore): void {
	describe("credits", () => {
		const rig = StoreRig.use(create);
		const give = (amount: number, key: string, owner = "ada") =>
			rig.store.grantCredits({ owner, amount, key, now: rig.now });

		test("of somebody unknown are none", async () => {
			expect(await rig.store.readBalance("nobody")).toEqual({ posted: 0, held: 0, available: 0 });
			expect(await rig.store.listEntries("nobody", 10)).toEqual([]);
		});

		test("are granted once for each owner and key, however often and from wherever it is asked", async () => {
			const connections = await rig.connections();
			const grants = Array.from({ length: 20 }, (_, i) =>
				connections[i % connections.length]?.grantCredits({ owner: "ada", amount: 5, key: "starter", now: rig.now }),
			);
			const balances = await Promise.all(grants);
			expect(balances.every((balance) => balance?.posted === 5)).toBe(true);
			await give(5, "starter", "bob");
			expect((await rig.store.readBalance("ada")).posted).toBe(5);
			expect((await rig.store.readBalance("bob")).posted).toBe(5);
		});

		test("can be taken, but never more than is available, and a refusal says what there is", async () => {
			await give(10, "paid");
			await rig.submit({ price: 4 });
			expect(await give(-2, "correction")).toEqual({ posted: 8, held: 4, available: 4 });
			const refused = await refusal(give(-5, "too much"));
			expect(refused).toEqual({ code: "insufficient_credits", data: { needed: 5, available: 4 } });
			expect(await give(-4, "the rest")).toEqual({ posted: 4, held: 4, available: 0 });
		});

		test("taken by many at once never fall below nothing", async () => {
			await give(10, "paid");
			const { values, codes } = await outcomesOf(Array.from({ length: 20 }, (_, i) => give(-3, `take-${i}`)));
			expect(values).toHaveLength(3);
			expect(new Set(codes)).toEqual(new Set(["insufficient_credits"]));
			expect((await rig.store.readBalance("ada")).available).toBe(1);
		});

		test("refused under a key can be given under it later", async () => {
			await refusal(give(-1, "k"));
			expect(await give(7, "k")).toMatchObject({ posted: 7 });
		});

		test("are told of in entries, newest first, which add up to what is posted", async () => {
			await give(20, "paid");
			const [first, second] = [await rig.running({ price: 3 }), await rig.running({ price: 4, charge: "on-start" })];
			rig.now += 1;
			await rig.fail(second);
			rig.now += 1;
			await rig.complete(first);
			const entries = await rig.store.listEntries("ada", 10);
			expect(entries.map(({ type, posted, jobId }) => [type, posted, jobId])).toEqual([
				["capture", -3, first.id],
				["refund", 4, second.id],
				["capture", -4, second.id],
				["grant", 20, null],
			]);
			expect(entries[0]).toMatchObject({ owner: "ada", createdAt: rig.now });
			expect(entries.reduce((sum, { posted }) => sum + posted, 0)).toBe((await rig.store.readBalance("ada")).posted);
		});

		test("of the latest ending come first, though its job is the oldest", async () => {
			await give(20, "paid");
			const jobs = [await rig.running({ price: 1 }), await rig.running({ price: 2 }), await rig.running({ price: 3 })];
			for (const job of jobs.toReversed()) await rig.complete(job);
			expect((await rig.store.listEntries("ada", 1)).map(({ posted }) => posted)).toEqual([-1]);
			expect((await rig.store.listEntries("ada", 2)).map(({ posted }) => posted)).toEqual([-1, -2]);
		});

		test("in all entries, holds included, add up to the account, and the jobs' holds to what is held", async () => {
			await give(100, "paid");
			await rig.submit({ price: 1 });
			await rig.complete(await rig.running({ price: 2, priority: 1 }), 1);
			await rig.fail(await rig.running({ price: 4, charge: "on-start", priority: 1 }));
			await rig.store.cancelJob(rig.asOwner(await rig.submit({ price: 8 })));
			await rig.running({ price: 16, priority: 1 });
			const { jobs, balance, sums } = await rig.everythingOf("ada");
			expect(balance).toEqual({ posted: 99, held: 17, available: 82 });
			expect(jobs.reduce((sum, { job }) => sum + job.held, 0)).toBe(17);
			if (sums) expect(sums).toEqual({ posted: 99, held: 17 });
		});
	});
}

import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { type AppTransaction, codeOf, leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";

describeOnPostgres("an app's transaction that keeps an owner's lock", () => {
	const rig = StoreRig.use(postgresStores());

	/** Holds ada's lock until it ends. */
	async function block(): Promise<AppTransaction> {
		const app = await rig.under.transaction();
		await rig.store.submitJob(rig.submission({ owner: "ada" }), app.client);
		return app;
	}

	test("keeps nobody else waiting, and what concerns the owner goes on when it ends", async () => {
		const [hers, his] = [await rig.running({ owner: "ada" }), await rig.running({ owner: "bob" })];
		const app = await block();
		let isDone = false;
		const waiting = rig.completeStep(hers, "draw", 1).then(() => {
			isDone = true;
		});
		await rig.completeStep(his, "draw", 1);
		await rig.complete(his);
		await rig.submit({ owner: "carol" });
		expect(isDone).toBe(false);
		await app.commit();
		await waiting;
		await rig.complete(hers);
		expect((await rig.read(hers)).steps).toMatchObject([{ name: "draw", output: 1 }]);
	});

	test("does not hold up the leases of others, and takes none away", async () => {
		const [hers, his] = [await rig.running({ owner: "ada" }), await rig.running({ owner: "bob" })];
		const app = await block();
		const waiting = rig.completeStep(hers, "draw", 1);
		await rig.completeStep(his, "draw", 1);
		const later = rig.now + 60_000;
		expect(await rig.store.extendLeases([leaseOf(hers), leaseOf(his)], later)).toEqual([]);
		expect((await rig.read(his)).job.leaseExpiresAt).toBe(later);
		expect((await rig.read(hers)).job.leaseExpiresAt).toBe(hers.leaseExpiresAt);
		await app.rollback();
		await waiting;
	});

	test("is told to who waits for too long: nothing is lost, and trying again works once it has ended", async () => {
		const job = await rig.running({ owner: "ada" });
		const app = await block();
		expect(await codeOf(rig.completeStep(job, "draw", 1))).toBe("store_unavailable");
		await app.rollback();
		await rig.completeStep(job, "draw", 1);
		await rig.complete(job);
		expect((await rig.read(job)).job.status).toBe("completed");
	});
});

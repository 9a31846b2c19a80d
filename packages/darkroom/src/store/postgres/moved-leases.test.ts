import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";

describeOnPostgres("where a worker that names an old owner finds the new one", () => {
	const rig = StoreRig.use(postgresStores());

	test("nothing is left of leases that are over, but for those of the latest transfers", async () => {
		const tokens = async () => {
			const rows = await rig.under.ask(`SELECT token FROM ${rig.under.table("moved_leases")}`);
			return rows.map(({ token }) => token);
		};
		const transfer = (from: string) => rig.store.transferOwner({ from, to: "ada", now: rig.now });
		const [first, second] = [await rig.running({ owner: "guest-1" }), await rig.running({ owner: "guest-2" })];
		await transfer("guest-1");
		expect(await tokens()).toEqual([first.leaseToken]);
		await rig.complete(first);
		await transfer("guest-2");
		expect(await tokens()).toEqual([second.leaseToken]);
		await transfer("guest-3");
		expect(await tokens()).toEqual([second.leaseToken]);
		await rig.complete(second);
		await transfer("guest-3");
		expect(await tokens()).toEqual([]);
	});
});

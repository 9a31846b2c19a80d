import { expect, test } from "vitest";
import { newLeaseToken } from "../../core/ids.ts";
import { createSqliteStore } from "../../testing/sqlite-store.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";

const rig = StoreRig.use(createSqliteStore);

const offer = () => ({ leaseToken: newLeaseToken(), leaseExpiresAt: rig.now + 30_000 });

test("in one commit, offers are taken until a job comes to wait for a worker, and again once that one is claimed", async () => {
	const [first, second, , behind, claimed, after] = await Promise.all([
		rig.submitted({ offer: offer() }),
		rig.submitted({ offer: offer() }),
		rig.submitted(),
		rig.submitted({ offer: offer() }),
		rig.claim(),
		rig.submitted({ offer: offer() }),
	]);
	expect([first.claimed, second.claimed, behind.claimed, after.claimed]).toEqual([true, true, false, true]);
	expect(claimed).toHaveLength(2);
});

test("in one commit, a job that its worker gives back comes before an offer", async () => {
	const job = await rig.running();
	const [taken, , behind] = await Promise.all([
		rig.submitted({ offer: offer() }),
		rig.release(job),
		rig.submitted({ offer: offer() }),
	]);
	expect([taken.claimed, behind.claimed]).toEqual([true, false]);
});

test("a job that another process left waiting comes before an offer", async () => {
	expect((await rig.submitted({ offer: offer() })).claimed).toBe(true);
	await (await rig.under.second()).submitJob(rig.submission());
	const behind = await rig.submitted({ offer: offer() });
	expect(behind.claimed).toBe(false);
});

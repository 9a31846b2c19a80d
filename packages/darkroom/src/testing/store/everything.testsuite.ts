import { expect } from "vitest";
import { newId } from "../../core/ids.ts";
import type { Store } from "../../store/store.ts";
import { failure, leaseOf, type StoreRig } from "./rig.testsuite.ts";

/** Uses every method that a store has, so that none can need a right, or a sort of connection, that it has not. */
export async function useEverything(rig: StoreRig): Promise<void> {
	const used = new Set<string | symbol>();
	const { now } = rig;
	const store = new Proxy(rig.store, {
		get(target, name, receiver) {
			used.add(name);
			return Reflect.get(target, name, receiver);
		},
	});
	const stops = [store.onChange(() => {}), store.onElsewhere(() => {})];
	await store.open();
	await store.grantCredits({ owner: "ada", amount: 50, key: "starter", now });
	const asset = await assets(store, now);
	await jobs(rig, store, asset);
	await endings(rig, store);
	await runs(rig, store);
	await store.transferOwner({ from: "ada", to: "grace", now });
	const balance = await store.readBalance("grace");
	expect(balance).toMatchObject({ held: 0 });
	expect((await store.listEntries("grace", 50)).reduce((sum, { posted }) => sum + posted, 0)).toBe(balance.posted);
	for (const stop of stops) stop();
	expect(store.name).toBe(rig.store.name);
	expect(store.leasePrefix()).toBe(rig.store.leasePrefix());
	await store.close();
	const unused = Object.keys(rig.store).filter((name) => !used.has(name));
	expect(unused, "are not used by everything.testsuite.ts").toEqual([]);
}

/** The result is the id of one that is kept. */
async function assets(store: Store, now: number): Promise<string> {
	const rest = { contentType: "image/png", size: 1, width: 1, height: 1, blur: null, createdAt: now, keptAt: null };
	const [kept, orphan, removed] = [newId(now), newId(now), newId(now)];
	for (const id of [kept, orphan, removed]) await store.createAsset({ ...rest, id, owner: "ada" });
	expect(await store.keepAsset("ada", kept, now)).toMatchObject({ keptAt: now });
	expect(await store.readAsset("ada", kept)).toMatchObject({ id: kept });
	await store.removeAsset("ada", removed, now - 1);
	const orphans = await store.takeOrphanAssets({ createdBefore: now + 1, now, limit: 10 });
	expect(orphans.map(({ id }) => id)).toEqual([removed, orphan]);
	await store.deleteAsset(removed);
	return kept;
}

async function jobs(rig: StoreRig, store: Store, asset: string): Promise<void> {
	const { now } = rig;
	const given = {
		price: 2,
		assets: [asset],
		input: JSON.stringify({ photo: asset }),
		subject: "story:1",
		idempotencyKey: "k",
	};
	const { job: submitted } = await store.submitJob(rig.submission({ ...given, runningPerOwner: 1 }));
	expect(await store.readQueuePosition(submitted)).toBe(0);
	expect(await store.countActive("ada", "draw")).toBe(1);
	expect(await store.isAssetInUse("ada", asset)).toBe(true);
	const job = await rig.claimOne();
	const lease = leaseOf(job);
	expect(await store.extendLeases([lease], now + 60_000)).toEqual([]);
	expect(await store.findOwners([lease])).toEqual(new Map([[lease.leaseToken, "ada"]]));
	await store.startStep(rig.stepStart(job, "draw"));
	await store.failStep({ ...rig.stepStart(job, "draw"), error: failure, startedAt: now });
	await store.completeStep(rig.stepCompletion(job, "draw", "picture", { keeps: [asset] }));
	expect(await store.listSteps(lease)).toMatchObject([{ name: "draw", status: "completed" }]);
	await store.reportProgress({ ...lease, progress: 50, message: "half", now });
	await store.releaseJob({ ...lease, runAt: now, now });
	const again = await rig.claimOne();
	await store.completeJob({ ...leaseOf(again), output: "1", due: 2, now });
	expect(await store.listDurations("draw", 5)).toMatchObject([{ steps: 1 }]);
	expect(await store.readJob("ada", job.id)).toMatchObject({ job: { status: "completed", charged: 2 } });
	expect(await store.listJobs({ viewer: "ada", limit: 5 })).toHaveLength(1);
	expect((await store.listChanges("ada", 0, 5)).map((one) => one.job.change)).toEqual([await store.readCursor("ada")]);
	await store.deleteJob(rig.asOwner(job));
}

async function runs(rig: StoreRig, store: Store): Promise<void> {
	const { now } = rig;
	const { job } = await store.submitJob(rig.submission({ price: 1 }));
	const take = { kinds: ["draw"], limit: 5, now, firstMs: 1_000, mostMs: 8_000 };
	expect(await store.takeDispatches(take)).toMatchObject([{ jobId: job.id, change: job.change, sends: 1 }]);
	const run = { jobId: job.id, leaseToken: "run", dispatch: job.change };
	expect(await store.beginRun({ ...run, leaseExpiresAt: now + 30_000, now })).toMatchObject({ isResumed: false });
	expect(await store.readRun(run)).toMatchObject({ job: { status: "running" } });
	expect(await store.endRun({ ...run, as: "cancelled", due: 1, now })).toMatchObject({ charged: 1 });
}

async function endings(rig: StoreRig, store: Store): Promise<void> {
	const { now } = rig;
	const job = await rig.running({ price: 3, charge: "on-start", subject: "story:2" });
	await store.failJob({ ...leaseOf(job), error: failure, due: 1, now });
	await store.retryJob({ ...rig.asOwner(job), activePerOwner: 5 });
	await store.cancelJob(rig.asOwner(job));
	await store.submitJob(rig.submission({ price: 3, subject: "story:2", runAt: now + 1 }));
	await store.clearSubject({ viewer: "ada", subject: "story:2", now });
	await store.submitJob(rig.submission({ price: 3, queueTimeoutMs: 5 }));
	expect((await store.sweep({ now: now + 10, limit: 10 })).ended).toHaveLength(1);
	expect(
		await store.claimJobs({ kinds: ["draw"], limit: 1, leaseExpiresAt: 1, now, newLeaseToken: () => "none" }),
	).toEqual([]);
}

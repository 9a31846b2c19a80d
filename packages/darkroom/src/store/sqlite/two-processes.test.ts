import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { createSqliteStore } from "../../testing/sqlite-store.testsuite.ts";
import { leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Lease } from "../store.ts";

const rig = StoreRig.use(createSqliteStore);

async function claimed(count: number): Promise<Lease[]> {
	const leases: Lease[] = [];
	for (let i = 0; i < count; i++) leases.push(leaseOf(await rig.running()));
	return leases;
}

/**
 * Another connection, in a thread of its own, that reports the same progress of all the jobs in one commit, again and
 * again.
 */
function startWriter(leases: readonly Lease[]): Worker {
	const module = pathToFileURL(join(import.meta.dirname, "index.ts")).href;
	const script = `
		import { sqlite } from ${JSON.stringify(module)};
		import { parentPort, workerData } from "node:worker_threads";
		const store = sqlite(workerData.path);
		for (let i = 0; i < 1_500; i++) {
			const report = { progress: null, message: String(i), now: 1 };
			await Promise.all(workerData.leases.map((lease) => store.reportProgress({ ...lease, ...report })));
		}
		await store.close();
		parentPort.postMessage("done");`;
	const url = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
	return new Worker(url, { workerData: { path: rig.under.path, leases } });
}

test("what is read together is of one moment, though another process commits in between", async () => {
	const leases = await claimed(8);
	const writer = startWriter(leases);
	let isDone = false;
	const done = new Promise<void>((resolve, reject) => {
		writer.once("error", reject);
		writer.once("message", () => {
			isDone = true;
			resolve();
		});
	});
	const ids = leases.map(({ jobId }) => jobId);
	const seen = new Set<string | null | undefined>();
	while (!isDone) {
		for (const jobs of [await rig.store.listChanges("ada", 0, 100, ids), await rig.store.listChanges("ada", 0, 100)]) {
			expect(jobs).toHaveLength(8);
			expect(new Set(jobs.map(({ job }) => job.message)).size).toBe(1);
			seen.add(jobs[0]?.job.message);
		}
		await new Promise((resolve) => setImmediate(resolve));
	}
	await done;
	await writer.terminate();
	expect(seen.size).toBeGreaterThan(1);
}, 60_000);

test("changes among the jobs that news named pass over none that another process has committed since", async () => {
	const [ours, theirs] = (await claimed(2)) as [Lease, Lease];
	const report = { progress: null, message: "on its way", now: 1 };
	const cursor = await rig.store.readCursor("ada");
	await rig.store.reportProgress({ ...ours, ...report });
	const elsewhere = await rig.under.second();
	await elsewhere.reportProgress({ ...theirs, ...report });
	// Of the job that the news named, and later than the other one's: shown alone, it would move a cursor past it.
	await elsewhere.reportProgress({ ...ours, ...report });
	const changes = await rig.store.listChanges("ada", cursor, 10, [ours.jobId]);
	expect(changes.map(({ job }) => job.id)).toEqual([theirs.jobId, ours.jobId]);
});

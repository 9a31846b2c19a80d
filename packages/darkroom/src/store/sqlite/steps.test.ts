import { expect, test } from "vitest";
import { createSqliteStore } from "../../testing/sqlite-store.testsuite.ts";
import { codeOf, failure, StoreRig } from "../../testing/store/rig.testsuite.ts";

const rig = StoreRig.use(createSqliteStore);

test("a step cannot take another's place: its write is refused, the other stays, and so does what was written beside it", async () => {
	const job = await rig.running();
	await rig.store.startStep(rig.stepStart(job, "upload"));
	const writes = await Promise.allSettled([
		rig.completeStep(job, "draw", "instead"),
		rig.store.failStep({ ...rig.stepCompletion(job, "draw", null), error: failure }),
		rig.completeStep(job, "finish", "beside", { position: 1 }),
	]);
	expect(writes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
	expect((await rig.read(job)).steps).toMatchObject([
		{ name: "upload", position: 0, status: "running", output: null },
		{ name: "finish", position: 1, output: "beside" },
	]);
});

test("a job's last place is its own, and one beyond it, which would be the next job's first, is refused", async () => {
	const [job, next] = [await rig.running(), await rig.running()];
	const last = 2 ** 20 - 1;
	await rig.completeStep(job, "last", 1, { position: last });
	expect(await codeOf(rig.completeStep(job, "beyond", 1, { position: last + 1 }))).toBe("misconfigured");
	expect((await rig.read(job)).steps).toMatchObject([{ name: "last", position: last }]);
	expect((await rig.read(next)).steps).toEqual([]);
});

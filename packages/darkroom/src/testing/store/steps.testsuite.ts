import { describe, expect, test } from "vitest";
import { newId } from "../../core/ids.ts";
import { type CreateStore, failure, leaseOf, StoreRig } from "./rig.testsuite.ts";

export function describeSteps(create: CreateStore): void {
	describe("a step", () => {
		const rig = StoreRig.use(create);

		test("is seen running, then failed with its reason, then running again, then completed", async () => {
			const job = await rig.running();
			const step = async () => (await rig.read(job)).steps[0];
			const startedAt = rig.now;
			await rig.store.startStep(rig.stepStart(job, "draw"));
			expect(await step()).toMatchObject({ name: "draw", status: "running", attempts: 1, startedAt, finishedAt: null });
			rig.now += 10;
			await rig.store.failStep({ ...rig.stepCompletion(job, "draw", null, { startedAt }), error: failure });
			expect(await step()).toMatchObject({ status: "failed", error: failure, output: null, finishedAt: rig.now });
			rig.now += 10;
			const again = { startedAt: rig.now };
			await rig.store.startStep(rig.stepStart(job, "draw", { attempts: 2 }));
			expect(await step()).toMatchObject({ status: "running", attempts: 2, error: null, finishedAt: null, ...again });
			rig.now += 10;
			await rig.completeStep(job, "draw", { picture: 1 }, { attempts: 2, ...again });
			expect(await step()).toMatchObject({ status: "completed", attempts: 2, output: { picture: 1 }, ...again });
			expect((await step())?.finishedAt).toBe(rig.now);
		});

		test("that is complete is never written again, not even under the right lease", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", "first");
			const before = await rig.read(job);
			await rig.completeStep(job, "draw", "second").catch(() => "refused");
			await rig.store.startStep(rig.stepStart(job, "draw", { attempts: 2 })).catch(() => "refused");
			const failed = { ...rig.stepCompletion(job, "draw", null), error: failure };
			await rig.store.failStep(failed).catch(() => "refused");
			expect((await rig.read(job)).steps).toEqual(before.steps);
		});

		test("that is complete is so for whoever lost the answer and asks for the very same again", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", "kept", { attempts: 2 });
			const { steps } = await rig.store.readJob(job.owner, job.id);
			await rig.completeStep(job, "draw", "kept", { attempts: 2 });
			expect((await rig.store.readJob(job.owner, job.id)).steps).toEqual(steps);
			await rig.complete(job);
		});

		test("that is complete survives a lost worker, a retry and a restart", async () => {
			const job = await rig.running();
			await rig.completeStep(job, "draw", "kept");
			rig.now += 30_000;
			await rig.sweep();
			await rig.fail(await rig.claimOne());
			await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
			await rig.reopen();
			const [claimed] = await rig.claim();
			expect(claimed?.steps).toMatchObject([{ name: "draw", status: "completed", output: "kept" }]);
			expect(await rig.store.listSteps(leaseOf(claimed?.job ?? job))).toEqual(claimed?.steps);
		});

		test("keeps its preview until a newer one is shown", async () => {
			const job = await rig.running();
			const preview = async () => (await rig.read(job)).steps[0]?.preview;
			const failed = rig.stepCompletion(job, "draw", null, { preview: "small" });
			await rig.completeStep(job, "other", 1, { preview: "big", position: 1 });
			await rig.store.failStep({ ...failed, error: failure });
			await rig.store.startStep(rig.stepStart(job, "draw", { attempts: 2 }));
			await rig.completeStep(job, "draw", 1, { attempts: 2, preview: "picture" });
			expect(await preview()).toBe("picture");
		});

		test("keeps the assets that it stored, in the same commit, and only its owner's", async () => {
			const [own, other] = [newId(rig.now), newId(rig.now)];
			for (const [id, owner] of [
				[own, "ada"],
				[other, "bob"],
			] as const) {
				const rest = { contentType: "image/png", size: 1, width: null, height: null, blur: null };
				await rig.store.createAsset({ ...rest, id, owner, createdAt: rig.now, keptAt: null });
			}
			await rig.completeStep(await rig.running(), "draw", 1, { keeps: [own, other] });
			expect((await rig.store.readAsset("ada", own)).keptAt).toBe(rig.now);
			expect((await rig.store.readAsset("bob", other)).keptAt).toBeNull();
		});

		test("makes a new version of its job, and its owner is told", async () => {
			const job = await rig.running();
			const told: unknown[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await rig.completeStep(job, "draw", 1);
			stop();
			const version = (await rig.read(job)).job.change;
			expect(version).toBeGreaterThan(job.change);
			expect(told).toEqual([{ owner: "ada", jobId: job.id, change: version, kind: "draw", status: "running" }]);
			expect(await rig.store.readCursor("ada")).toBe(version);
		});

		test("of one name is another job's own", async () => {
			const [one, two] = [await rig.running(), await rig.running()];
			await Promise.all([rig.completeStep(one, "draw", 1), rig.completeStep(two, "draw", 2)]);
			expect((await rig.read(one)).steps.map(({ output }) => output)).toEqual([1]);
			expect((await rig.read(two)).steps.map(({ output }) => output)).toEqual([2]);
		});
	});

	describe("reported progress", () => {
		const rig = StoreRig.use(create);

		test("never goes back, and a word without a number leaves the number", async () => {
			const job = await rig.running();
			const say = (progress: number | null, message: string | null) =>
				rig.store.reportProgress({ ...leaseOf(job), progress, message, now: rig.now });
			await say(40, "drawing");
			await say(20, null);
			expect((await rig.read(job)).job).toMatchObject({ progress: 40, message: "drawing" });
			await say(null, "almost there");
			expect((await rig.read(job)).job).toMatchObject({ progress: 40, message: "almost there" });
		});

		test("begins anew with a retry", async () => {
			const job = await rig.running();
			await rig.store.reportProgress({ ...leaseOf(job), progress: 40, message: "drawing", now: rig.now });
			await rig.fail(job);
			const again = await rig.store.retryJob({ ...rig.asOwner(job), activePerOwner: null });
			expect(again.job).toMatchObject({ progress: null, message: null, error: null });
		});
	});
}

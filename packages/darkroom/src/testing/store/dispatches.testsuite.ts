import { describe, expect, test } from "vitest";
import type { Change, Run } from "../../store/store.ts";
import { type CreateStore, StoreRig } from "./rig.testsuite.ts";
import { firstMs, mostMs, RunRig } from "./run-rig.testsuite.ts";

export function describeDispatches(create: CreateStore): void {
	describe("events that are due", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);

		test("are those of jobs that wait for a worker, with the change with which they came to wait, in that order", async () => {
			const jobs = [await rig.submit(), await rig.submit({ owner: "bob", priority: 1 }), await rig.submit()];
			expect(await runs.take()).toEqual(
				jobs.map(({ id, owner, change }) => ({ jobId: id, owner, kind: "draw", change, sends: 1 })),
			);
		});

		test("are of the kinds that were named, and at most as many as were asked for", async () => {
			const [first, second] = [await rig.submit({ kind: "write" }), await rig.submit()];
			const third = await rig.submit({ kind: "write" });
			await rig.submit({ kind: "paint" });
			expect(await runs.take({ kinds: [] })).toEqual([]);
			const kinds = ["draw", "write"];
			expect((await runs.take({ kinds, limit: 2 })).map(({ jobId }) => jobId)).toEqual([first.id, second.id]);
			expect((await runs.take({ kinds, limit: 2 })).map(({ jobId }) => jobId)).toEqual([third.id]);
		});

		test("are none of what waits for its time or its owner, of what runs, and of what has ended", async () => {
			await rig.submit({ runAt: rig.now + 1 });
			await rig.running({ runningPerOwner: 1 });
			await rig.submit({ runningPerOwner: 1 });
			await rig.complete(await rig.running());
			await rig.store.cancelJob(rig.asOwner(await rig.submit()));
			expect(await runs.take()).toEqual([]);
		});

		test("are due again until the run begins: after the first wait, then twice that, at most the longest", async () => {
			const { id, change } = await rig.submit();
			await runs.take();
			for (const [index, waitMs] of [firstMs, 2 * firstMs, 4 * firstMs, mostMs, mostMs, mostMs].entries()) {
				rig.now += waitMs - 1;
				expect(await runs.take()).toEqual([]);
				rig.now += 1;
				expect(await runs.take()).toMatchObject([{ jobId: id, change, sends: index + 2 }]);
			}
			expect(await runs.begin(runs.runOf({ jobId: id, change }))).toMatchObject({ isResumed: false });
			rig.now += mostMs;
			expect(await runs.take()).toEqual([]);
		});

		test("wait no longer than that however often they were sent", async () => {
			await rig.submit({ queueTimeoutMs: 1e12 });
			for (let sends = 1; sends <= 80; sends++) {
				expect(await runs.take()).toMatchObject([{ sends }]);
				rig.now += mostMs;
			}
		});

		test("come after those that were never sent, the one that is due the longest first, across kinds", async () => {
			const kinds = ["draw", "write"];
			const [first, second] = [await rig.submit(), await rig.submit({ kind: "write" })];
			await runs.take({ kinds, limit: 1, firstMs: 500 });
			await runs.take({ kinds, limit: 1, firstMs: 100 });
			rig.now += 500;
			const fresh = await rig.submit();
			expect((await runs.take({ kinds })).map(({ jobId }) => jobId)).toEqual([fresh.id, second.id, first.id]);
		});

		const waits: readonly (readonly [string, (run: Run) => Promise<unknown>])[] = [
			["its run gave it back", async (run) => rig.release(await runs.begun(run))],
			[
				"its run was lost",
				async (run) => {
					await runs.begun(run);
					rig.now += 30_000;
					await rig.sweep();
				},
			],
			[
				"its run overslept",
				async (run) => {
					await rig.release(await runs.begun(run), rig.now + 10_000);
					rig.now += 10_000;
					await rig.sweep();
				},
			],
			[
				"its owner tried it again",
				async ({ jobId }) => {
					await rig.store.cancelJob({ viewer: "ada", jobId, now: rig.now });
					await rig.store.retryJob({ viewer: "ada", jobId, now: rig.now, activePerOwner: null });
				},
			],
			["it became another owner's", () => rig.store.transferOwner({ from: "ada", to: "grace", now: rig.now })],
			["its run failed before it began", (run) => runs.end(run, { code: "failed", message: "", retryable: true })],
		];
		test.each(waits)("are due at once, as another change and the first of it, when %s", async (_, waitAnew) => {
			const run = await runs.sent();
			await waitAnew(run);
			const [dispatch, ...more] = await runs.take();
			expect(dispatch).toMatchObject({ jobId: run.jobId, sends: 1 });
			expect(dispatch?.change).toBeGreaterThan(run.dispatch ?? 0);
			expect(more).toEqual([]);
			expect(await runs.refused(run)).toBe("superseded");
			expect(await runs.begin(runs.runOf(dispatch as NonNullable<typeof dispatch>))).toMatchObject({
				isResumed: false,
			});
		});

		test("are of a job that got its owner's next place, and name no change but that", async () => {
			const limited = { runningPerOwner: 1 };
			const { job } = await runs.running(limited);
			const next = await rig.submit(limited);
			expect(await runs.take()).toEqual([]);
			await rig.complete(job);
			const { change } = (await rig.read(next)).job;
			expect(await runs.take()).toMatchObject([{ jobId: next.id, change }]);
		});

		test("leave the job as it was, its change too, and tell nobody", async () => {
			const job = await rig.submit();
			const before = [await rig.everythingOf("ada"), await rig.store.readCursor("ada")];
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await runs.take();
			rig.now += firstMs;
			await runs.take();
			stop();
			expect(told).toEqual([]);
			expect([await rig.everythingOf("ada"), await rig.store.readCursor("ada")]).toEqual(before);
			expect((await rig.claimOne()).id).toBe(job.id);
			expect(await runs.take()).toEqual([]);
		});

		test("are remembered through a restart", async () => {
			const { change } = await rig.submit();
			await runs.take();
			await rig.reopen();
			expect(await runs.take()).toEqual([]);
			rig.now += firstMs;
			expect(await runs.take()).toMatchObject([{ change, sends: 2 }]);
		});

		test("are taken once by all processes together", async () => {
			const jobs = await Promise.all(Array.from({ length: 50 }, (_, i) => rig.submit({ owner: `owner ${i % 7}` })));
			const connections = await rig.connections();
			const takes = Array.from({ length: 20 }, (_, i) => runs.take({ limit: 7 }, connections[i % connections.length]));
			const taken = (await Promise.all(takes)).flat();
			// What another had in hand in that moment is left for the next look.
			for (let looks = 0; looks < 10; looks++) taken.push(...(await runs.take()));
			expect(taken.map(({ jobId }) => jobId).sort()).toEqual(jobs.map(({ id }) => id).sort());
			expect(taken.filter(({ sends }) => sends !== 1)).toEqual([]);
		});
	});
}

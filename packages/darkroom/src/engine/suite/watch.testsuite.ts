import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobSnapshot } from "../../core/job.ts";
import type { Store } from "../../store/store.ts";
import type { Watch } from "../darkroom.ts";
import { type CreateRig, final, job, never, owner, type Process, type Rig, seen, signal } from "./rig.testsuite.ts";
import { turns } from "./settle.testsuite.ts";

/** A watcher as a browser is one: it keeps what it was shown, and the cursor to come back with. */
class Watcher {
	readonly shown: JobSnapshot[] = [];
	cursor: number | undefined;
	ends = 0;
	#watch: Watch | undefined;

	connect({ darkroom }: Process): Promise<number> {
		const watch = darkroom.watch({
			viewer: owner,
			...(this.cursor === undefined ? {} : { cursor: this.cursor }),
			onJob: (snapshot, cursor) => {
				this.shown.push(snapshot);
				this.cursor = cursor ?? this.cursor;
			},
			onEnd: () => void this.ends++,
		});
		this.#watch = watch;
		return watch.ready.then((cursor) => {
			if (this.#watch === watch) this.cursor = cursor;
			return cursor;
		});
	}

	/** What came after a part of it was lost on the way to the screen, and the cursors with it. */
	forget(share: number): void {
		this.shown.length = Math.floor(this.shown.length * share);
		this.cursor = this.shown.at(-1)?.version ?? 0;
	}

	disconnect(): void {
		this.#watch?.stop();
		this.#watch = undefined;
	}
}

const which = fc.nat(20);
const action = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("submit" as const), steps: fc.nat(4), fails: fc.boolean() }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("let turns pass" as const), turns: fc.nat(6) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), which }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("retry" as const), which }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), which }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("reconnect" as const) }) },
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant("lose what came last" as const),
			share: fc.double({ min: 0, max: 1, noNaN: true }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("watch too" as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer One> ? One : never;

const busy = job("busy", async ({ step, input }) => {
	const { steps, fails } = input as { steps: number; fails: boolean };
	for (let i = 0; i < steps; i++) await step.run(`step-${i}`, () => turns(i));
	if (fails) throw new Error("as asked");
});

/**
 * The same store, but what it reads comes back up to so many turns of the event loop later, now more, now fewer: more
 * has been committed by then, and what was asked later may come earlier.
 */
function farAway(store: Store, distance: number): Store {
	let reads = 0;
	const late =
		<Given extends unknown[], Result>(read: (...given: Given) => Promise<Result>) =>
		async (...given: Given) => {
			const result = await read(...given);
			if (distance > 0) await turns((reads++ * 5) % distance);
			return result;
		};
	const { listChanges, listJobs, readCursor, readQueuePosition } = store;
	return {
		...store,
		listChanges: late(listChanges),
		listJobs: late(listJobs),
		readCursor: late(readCursor),
		readQueuePosition: late(readQueuePosition),
	};
}

/** One owner, one after the other action, and in the end every watcher has seen the last state of every job. */
async function history(rig: Rig, actions: readonly Action[], distance: number): Promise<void> {
	const process = rig.open({ jobs: [busy], concurrency: 3, store: (own) => farAway(own, distance) });
	const { darkroom } = process;
	const first = new Watcher();
	const watchers = [first];
	const ids: string[] = [];
	await darkroom.start();
	await first.connect(process);
	for (const one of actions) {
		// Refusals are part of the history: cancelling what is gone, retrying what runs.
		const of = "which" in one ? { viewer: owner, jobId: ids[one.which % ids.length] ?? "none" } : undefined;
		if (one.do === "submit") ids.push((await darkroom.submit(busy, { owner, input: one })).id);
		else if (one.do === "let turns pass") await turns(one.turns);
		else if (one.do === "cancel" && of) await darkroom.cancelJob(of).catch(() => {});
		else if (one.do === "retry" && of) void darkroom.retryJob(of).catch(() => {});
		else if (one.do === "delete" && of) await darkroom.deleteJob(of).catch(() => {});
		else if (one.do === "watch too") {
			watchers.push(new Watcher());
			void watchers.at(-1)?.connect(process);
		} else {
			first.disconnect();
			if (one.do === "lose what came last" && "share" in one) first.forget(one.share);
			void first.connect(process);
		}
	}
	await rig.settle();
	const { jobs } = await darkroom.listJobs({ viewer: owner, limit: 100 });
	expect(jobs.filter(({ status }) => status === "queued" || status === "running")).toEqual([]);
	for (const { shown } of watchers) {
		const versions = shown.map(({ version }) => version);
		expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
	}
	const last = new Map(first.shown.map((snapshot) => [snapshot.id, snapshot]));
	for (const { id, version, status } of jobs) expect(last.get(id)).toMatchObject({ id, version, status });
	await darkroom.stop();
	expect(watchers.map(({ ends }) => ends)).toEqual(watchers.map(() => 1));
}

/** Following an owner's jobs. `histories` is how many are made up for each property. */
export function describeWatch(createRig: CreateRig, histories: number): void {
	const rig = createRig();

	describe("a watcher", () => {
		test.each([
			["in this process", 0],
			["far away", 7],
		])(
			"misses nothing and is shown nothing twice, whatever happens, with a database %s",
			async (_, distance) => {
				await fc.assert(
					fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), (actions) =>
						history(rig, actions, distance).finally(() => rig.close()),
					),
					{ numRuns: histories },
				);
			},
			180_000,
		);

		test("without a cursor is first shown what is active, and is then ready", async () => {
			const begun = signal();
			const endless = job("endless", () => {
				begun.resolve();
				return never;
			});
			const quick = job("quick", () => "done");
			const process = rig.open({ jobs: [endless, quick] });
			await final(process, await process.darkroom.submit(quick, { owner, input: {} }));
			const active = await process.darkroom.submit(endless, { owner, input: {} });
			await begun.promise;
			const watcher = new Watcher();
			const cursor = await watcher.connect(process);
			expect(watcher.shown.map(({ id }) => id)).toEqual([active.id]);
			expect(cursor).toBeGreaterThanOrEqual(watcher.shown[0]?.version as number);
			await process.darkroom.cancelJob({ viewer: owner, jobId: active.id });
			await rig.settle();
			expect(watcher.shown.at(-1)).toMatchObject({ id: active.id, status: "cancelled" });
		});

		test("is ready when it has been shown everything that it missed, however much", async () => {
			const quick = job("quick", () => "done");
			const process = rig.open({ jobs: [quick] });
			const completed = new Set<string>();
			const all = seen(process, ({ id, status }) => status === "completed" && completed.add(id).size === 450);
			for (let i = 0; i < 450; i++) void process.darkroom.submit(quick, { owner, input: i });
			await all;
			const watcher = new Watcher();
			watcher.cursor = 0;
			await watcher.connect(process);
			expect(new Set(watcher.shown.map(({ id }) => id)).size).toBe(450);
			expect(watcher.shown.every(({ status }) => status === "completed")).toBe(true);
		});

		test("sees nothing of another owner", async () => {
			const quick = job("quick", () => "done");
			const process = rig.open({ jobs: [quick] });
			const watcher = new Watcher();
			await watcher.connect(process);
			await final(process, await process.darkroom.submit(quick, { owner: "grace", input: {} }), "grace");
			await rig.settle();
			expect(watcher.shown).toEqual([]);
		});

		test("that comes with a cursor from another database begins anew, and sees what happens from then on", async () => {
			const quick = job("quick", () => "done");
			const process = rig.open({ jobs: [quick] });
			await process.darkroom.start();
			const watcher = new Watcher();
			watcher.cursor = 999_999;
			expect(await watcher.connect(process)).toBeLessThan(999_999);
			await final(process, await process.darkroom.submit(quick, { owner, input: {} }));
			await rig.settle();
			expect(watcher.shown.at(-1)).toMatchObject({ status: "completed" });
		});

		test("is ended when all it watched becomes another owner's, so that it comes back as who it is now", async () => {
			const process = rig.open({ jobs: [job("quick", () => "done")] });
			await process.darkroom.start();
			const watcher = new Watcher();
			await watcher.connect(process);
			await process.darkroom.transferOwner({ from: owner, to: "grace" });
			expect(watcher.ends).toBe(1);
		});

		test("sees a step that was at work when its job was cancelled as failed, for that reason", async () => {
			const begun = signal();
			const draws = job("draws", ({ step }) =>
				step.run("draw", () => {
					begun.resolve();
					return never;
				}),
			);
			const process = rig.open({ jobs: [draws] });
			const { id: jobId } = await process.darkroom.submit(draws, { owner, input: {} });
			await begun.promise;
			await seen(process, ({ steps }) => steps[0]?.status === "running");
			const cancelled = await process.darkroom.cancelJob({ viewer: owner, jobId });
			expect(cancelled.steps).toMatchObject([{ name: "draw", status: "failed", error: { code: "cancelled" } }]);
		});

		test("that throws ends alone; the others go on", async () => {
			const quick = job("quick", () => "done");
			const process = rig.open({ jobs: [quick] });
			await process.darkroom.start();
			const ended = signal();
			const faulty = process.darkroom.watch({
				viewer: owner,
				onJob: () => {
					throw new Error("closed already");
				},
				onEnd: () => ended.resolve(),
			});
			const watcher = new Watcher();
			await Promise.all([faulty.ready, watcher.connect(process)]);
			await final(process, await process.darkroom.submit(quick, { owner, input: {} }));
			await ended.promise;
			await rig.settle();
			expect(watcher.shown.at(-1)).toMatchObject({ status: "completed" });
			expect(watcher.ends).toBe(0);
		});

		test("that comes while Darkroom stops is ended at once", async () => {
			const begun = signal();
			const goOn = signal();
			const slow = job("slow", async () => {
				begun.resolve();
				await goOn.promise;
			});
			const process = rig.open({ jobs: [slow] });
			await process.darkroom.submit(slow, { owner, input: {} });
			await begun.promise;
			const stopped = process.darkroom.stop();
			const watcher = new Watcher();
			await watcher.connect(process);
			await rig.settle();
			expect(watcher.ends).toBe(1);
			goOn.resolve();
			await stopped;
			await expect(seen(process, () => true)).rejects.toThrow();
		});
	});
}

import { describe, expect, test } from "vitest";
import type { Job, JobWithSteps } from "../../core/job.ts";
import type { Change, Elsewhere } from "../../store/store.ts";
import { type CreateStore, failure, leaseOf, StoreRig } from "./rig.testsuite.ts";

const noOther = "this store has no second connection";

export function describeChanges(create: CreateStore): void {
	describe("a watcher's cursor", () => {
		const rig = StoreRig.use(create);
		const versions = (jobs: readonly JobWithSteps[]) => jobs.map(({ job }) => job.change);
		const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

		/** Everything that changes a job and leaves it there, in an order in which each can happen. */
		const transitions: readonly (readonly [string, (job: Job) => Promise<unknown>])[] = [
			["startStep", (job) => rig.store.startStep(rig.stepStart(job, "draw"))],
			["failStep", (job) => rig.store.failStep({ ...rig.stepCompletion(job, "draw", null), error: failure })],
			["completeStep", (job) => rig.completeStep(job, "draw", 1)],
			[
				"reportProgress",
				(job) => rig.store.reportProgress({ ...leaseOf(job), progress: 5, message: null, now: rig.now }),
			],
			["releaseJob", (job) => rig.release(job)],
			["a sweep that returns it", () => expireLease()],
			["completeJob", (job) => rig.complete(job)],
			["failJob", (job) => rig.fail(job)],
			["cancelJob", (job) => rig.store.cancelJob(rig.asOwner(job))],
			["clearSubject", () => rig.store.clearSubject({ viewer: "ada", subject: "story:1", now: rig.now })],
			["a sweep that ends it", () => passDeadline()],
		];

		function expireLease() {
			rig.now += 30_000;
			return rig.sweep();
		}

		function passDeadline() {
			rig.now += 300_000;
			return rig.sweep();
		}

		test.each(transitions)("is passed by %s: its job is shown once, in its new version", async (_, change) => {
			const job = await rig.running({ subject: "story:1" });
			const other = await rig.submit();
			const cursor = await rig.store.readCursor("ada");
			await change(job);
			const changes = await rig.store.listChanges("ada", cursor, 10);
			expect(changes.map((one) => one.job.id)).toEqual([job.id]);
			expect(changes).toEqual([await rig.read(job)]);
			expect(versions(changes)[0]).toBeGreaterThan(cursor);
			expect(await rig.store.readCursor("ada")).toBeGreaterThanOrEqual(versions(changes)[0] ?? Number.NaN);
			expect((await rig.read(other)).job.change).toBeLessThanOrEqual(cursor);
		});

		test("passes over nothing, however many jobs of others have ended since, and however long ago it is from", async () => {
			const [first, second, third] = [await rig.running(), await rig.running(), await rig.running()];
			const beginning = await rig.store.readCursor("ada");
			await rig.complete(first);
			for (let round = 0; round < 3; round++) {
				const others = await Promise.all(Array.from({ length: 100 }, () => rig.submit({ owner: "bob" })));
				await Promise.all(others.map((job) => rig.store.cancelJob(rig.asOwner(job))));
				if (round === 1) await rig.complete(second);
			}
			await rig.completeStep(third, "draw", 1);
			const long = await rig.store.listChanges("ada", beginning, 10);
			expect(long.map(({ job }) => job.id)).toEqual([first.id, second.id, third.id]);
			expect(versions(long)).toEqual(ascending(versions(long)));
			const short = await rig.store.listChanges("ada", versions(long)[0] ?? Number.NaN, 10);
			expect(short).toEqual(long.slice(1));
			const shortest = await rig.store.listChanges("ada", versions(long)[1] ?? Number.NaN, 10);
			expect(shortest).toEqual(long.slice(2));
			expect(await rig.store.listChanges("ada", beginning, 2)).toEqual(long.slice(0, 2));
		});

		test("is passed by a submit, a claim and a retry too", async () => {
			let cursor = await rig.store.readCursor("ada");
			const shown = async () => {
				const [only, ...more] = await rig.store.listChanges("ada", cursor, 10);
				expect(more).toEqual([]);
				cursor = only?.job.change ?? cursor;
				return only?.job.status;
			};
			const { id } = await rig.submit();
			expect(await shown()).toBe("queued");
			const job = await rig.claimOne();
			expect(await shown()).toBe("running");
			await rig.fail(job);
			expect(await shown()).toBe("failed");
			await rig.store.retryJob({ ...rig.asOwner({ id, owner: "ada" }), activePerOwner: null });
			expect(await shown()).toBe("queued");
			expect(await shown()).toBeUndefined();
		});

		test("at the start of time shows every job once, in the order of the changes", async () => {
			const [first, second, third] = [await rig.running(), await rig.running(), await rig.running()];
			await rig.complete(second);
			await rig.completeStep(first, "draw", 1);
			const changes = await rig.store.listChanges("ada", 0, 10);
			expect(changes.map(({ job }) => job.id)).toEqual([third.id, second.id, first.id]);
			expect(versions(changes)).toEqual(ascending(versions(changes)));
		});

		test("followed page by page, while work goes on, misses nothing and sees nothing twice", async () => {
			const jobs: Job[] = [];
			for (let i = 0; i < 12; i++) jobs.push(await rig.running({ price: 0 }));
			const seen: number[] = [];
			let cursor = 0;
			for (let round = 0; round < 30; round++) {
				const job = jobs[round % jobs.length] as Job;
				if (round < 12) await rig.completeStep(job, `step-${round}`, round);
				else if (round < 24) await rig.complete(job);
				const page = await rig.store.listChanges("ada", cursor, 4);
				seen.push(...versions(page));
				cursor = seen.at(-1) ?? cursor;
			}
			expect(new Set(seen).size).toBe(seen.length);
			expect(seen).toEqual(ascending(seen));
			const latest = versions(await Promise.all(jobs.map((job) => rig.read(job))));
			expect(seen).toEqual(expect.arrayContaining(latest));
			expect(await rig.store.listChanges("ada", cursor, 10)).toEqual([]);
		});

		test("grows across restarts and connections", async () => {
			const before = await rig.running();
			await rig.reopen();
			const connections = await rig.connections();
			const changes: number[] = [before.change];
			for (let i = 0; i < 6; i++) {
				const store = connections[i % connections.length] ?? rig.store;
				await store.completeStep(rig.stepCompletion(before, `step-${i}`, i, { position: i }));
				changes.push((await rig.read(before)).job.change);
			}
			expect(changes).toEqual(ascending(changes));
			expect(new Set(changes).size).toBe(changes.length);
		});

		test("is not moved by what was refused", async () => {
			const job = await rig.running();
			await rig.complete(job);
			const jobs = await rig.store.listChanges("ada", 0, 10);
			await rig.complete(job).catch(() => "refused");
			await rig.completeStep(job, "draw", 1).catch(() => "refused");
			expect(await rig.store.listChanges("ada", 0, 10)).toEqual(jobs);
		});
	});

	describe("news", () => {
		const rig = StoreRig.use(create);

		test("names every change of a commit, after it, and a read then shows at least that version", async () => {
			const jobs = [await rig.running(), await rig.running({ owner: "bob" })];
			const told: Change[] = [];
			const stop = rig.store.onChange((changes) => told.push(...changes));
			await Promise.all(jobs.map((job) => rig.complete(job)));
			stop();
			// Of two owners either may come first.
			const { ada: ofAda, bob: ofBob } = Object.groupBy(told, ({ owner }) => owner);
			for (const [i, of] of [ofAda, ofBob].entries()) {
				const job = jobs[i] as Job;
				const change = (await rig.read(job)).job.change;
				expect(of).toMatchObject([{ jobId: job.id, status: "completed", change }]);
			}
		});

		test("of a refused transition does not come, and a listener that left hears no more", async () => {
			const job = await rig.running();
			let heard = 0;
			const stop = rig.store.onChange((changes) => {
				heard += changes.length;
			});
			await rig.complete({ ...job, leaseToken: "made-up" }).catch(() => "refused");
			expect(heard).toBe(0);
			stop();
			await rig.complete(job);
			expect(heard).toBe(0);
		});
	});

	describe("changes among the jobs that news named", () => {
		const rig = StoreRig.use(create);
		const ids = (jobs: readonly JobWithSteps[]) => jobs.map(({ job }) => job.id);

		test("come after the cursor, in their order, and never leave out one that is named", async () => {
			const [first, second, untouched] = [await rig.running(), await rig.running(), await rig.running()];
			const cursor = await rig.store.readCursor("ada");
			await rig.completeStep(second, "draw", 1);
			await rig.completeStep(first, "draw", 1);
			const among = [first.id, "0".repeat(22), second.id, untouched.id];
			expect(await rig.store.listChanges("ada", cursor, 10, among)).toEqual([
				await rig.read(second),
				await rig.read(first),
			]);
			expect(ids(await rig.store.listChanges("ada", cursor, 1, among))).toEqual([second.id]);
			expect(await rig.store.listChanges("bob", 0, 10, among)).toEqual([]);
		});

		test("leave out nothing that another process has changed meanwhile", async () => {
			const [ours, theirs] = [await rig.running(), await rig.running()];
			const cursor = await rig.store.readCursor("ada");
			const other = (await rig.connections()).at(-1) ?? rig.store;
			// Who is told that another process did something names no jobs any more.
			let among: string[] | undefined = other === rig.store ? [theirs.id, ours.id] : [ours.id];
			rig.store.onElsewhere(() => {
				among = undefined;
			});
			await other.completeStep(rig.stepCompletion(theirs, "draw", 1));
			await rig.completeStep(ours, "draw", 1);
			expect(ids(await rig.store.listChanges("ada", cursor, 10, among))).toEqual([theirs.id, ours.id]);
		});
	});

	describe("news from elsewhere", () => {
		const rig = StoreRig.use(create);

		test("comes with what another process commits, and names its owner or everyone", async (context) => {
			const [, other] = await rig.connections();
			if (!other) return context.skip(noOther);
			const heard = new Promise<Elsewhere>((resolve) => {
				rig.store.onElsewhere((news) => {
					if (news.owners === null || news.owners.includes("bob")) resolve(news);
				});
			});
			await rig.submit();
			await other.submitJob(rig.submission({ owner: "bob" }));
			expect((await heard).claimable).toBe(true);
		});

		test("names an owner whose everything became another's, once that is so", async (context) => {
			const [, other] = await rig.connections();
			if (!other) return context.skip(noOther);
			await other.open();
			const job = await rig.submit({ owner: "guest" });
			const heard = new Promise<string[]>((resolve) => {
				rig.store.onElsewhere(({ movedOwners }) => {
					if (movedOwners?.includes("guest"))
						resolve(rig.store.listChanges("ada", 0, 10).then((found) => found.map((one) => one.job.id)));
				});
			});
			await other.transferOwner({ from: "guest", to: "ada", now: rig.now });
			// At the latest with something of its own.
			await rig.submit({ owner: "bob" });
			expect(await heard).toEqual([job.id]);
		});

		test("names the leases that were taken away, or leaves them to be looked for", async (context) => {
			const [, other] = await rig.connections();
			if (!other) return context.skip(noOther);
			const [job, kept] = [await rig.running(), await rig.running()];
			const leases = [leaseOf(job), leaseOf(kept)];
			const heard = new Promise<void>((resolve) => {
				rig.store.onElsewhere(async ({ revokedLeaseTokens }) => {
					const owners = await rig.store.findOwners(leases);
					if (owners.size === leases.length) return;
					expect([...owners.keys()]).toEqual([kept.leaseToken]);
					if (revokedLeaseTokens === null || revokedLeaseTokens.includes(String(job.leaseToken))) resolve();
				});
			});
			await other.cancelJob(rig.asOwner(job));
			// A store that is told nothing sees it with its own next commit.
			await rig.sweep();
			await heard;
		});
	});
}

import { describe, expect, test } from "vitest";
import { newLeaseToken } from "../../core/ids.ts";
import type { Begun, Run, Store } from "../../store/store.ts";
import { type CreateStore, failure, outcomesOf, StoreRig } from "./rig.testsuite.ts";
import { RunRig } from "./run-rig.testsuite.ts";

/** Calls at once, spread over the connections. */
const many = 20;
/** Races of two, each a little different in time. */
const rounds = 12;

export function describeRunRaces(create: CreateStore): void {
	describe("runs at once, from every connection", () => {
		const rig = StoreRig.use(create);
		const runs = new RunRig(rig);

		async function atOnce<Result>(work: (store: Store, index: number) => Promise<Result>): Promise<Result[]> {
			const connections = await rig.connections();
			return Promise.all(
				Array.from({ length: many }, (_, i) => work(connections[i % connections.length] ?? rig.store, i)),
			);
		}

		/** Two at once, each on a connection of its own, in both orders. */
		async function race<One, Other>(one: (store: Store) => Promise<One>, other: (store: Store) => Promise<Other>) {
			const [here, there] = await rig.connections();
			return Promise.all([one(here ?? rig.store), other(there ?? rig.store)]);
		}

		const leaseExpiresAt = () => rig.now + 30_000;
		const begin = (store: Store, run: Run) => runs.begin(run, leaseExpiresAt(), store);
		const hasJob = ({ claimed }: Begun) => claimed !== null;
		const statusOf = async ({ jobId }: Run) => (await rig.read({ id: jobId, owner: "ada" })).job;

		test("of one job: one gets it, the others are told that it has it, and it is charged once", async () => {
			await rig.grant("ada", 100);
			const { jobId, dispatch } = await runs.sent({ price: 3, charge: "on-start" });
			const all = await atOnce((store) => begin(store, { jobId, dispatch, leaseToken: newLeaseToken() }));
			expect(all.filter(hasJob)).toHaveLength(1);
			expect(new Set(all.filter((one) => !hasJob(one)).map((one) => "reason" in one && one.reason))).toEqual(
				new Set(["held"]),
			);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 97, held: 0, available: 97 });
		});

		test("that are one and the same begin once and go on otherwise, as one attempt, charged once", async () => {
			await rig.grant("ada", 100);
			const run = await runs.sent({ price: 3, charge: "on-start" });
			const all = await atOnce((store) => begin(store, run));
			expect(all.filter((one) => one.claimed && !one.isResumed)).toHaveLength(1);
			expect(all.filter((one) => one.claimed && one.isResumed)).toHaveLength(many - 1);
			expect(await statusOf(run)).toMatchObject({ attempt: 1, charged: 3 });
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 97, held: 0, available: 97 });
		});

		test("that wake from their sleep get as many places as their owner has, and the rest waits for one", async () => {
			const limited = { runningPerOwner: 2 };
			const asleep: Run[] = [];
			for (let i = 0; i < many; i++) asleep.push((await runs.asleep(limited)).run);
			const all = await atOnce((store, i) => begin(store, asleep[i] as Run));
			expect(all.filter(hasJob)).toHaveLength(2);
			const jobs = (await rig.everythingOf("ada")).jobs.map(({ job }) => job.waitsFor ?? job.status);
			expect(jobs.filter((what) => what === "running")).toHaveLength(2);
			expect(jobs.filter((what) => what === "owner")).toHaveLength(many - 2);
		});

		test("and newcomers never are more than their owner's places", async () => {
			const limited = { runningPerOwner: 3 };
			const asleep: Run[] = [];
			for (let i = 0; i < many / 2; i++) asleep.push((await runs.asleep(limited)).run);
			await atOnce(async (store, i) => {
				const run = asleep[i];
				await (run ? begin(store, run) : store.submitJob(rig.submission(limited)));
			});
			const jobs = (await rig.everythingOf("ada")).jobs.map(({ job }) => job.waitsFor ?? job.status);
			expect(jobs.filter((what) => what === "running" || what === "worker")).toHaveLength(3);
		});

		test("a run and a worker: one of the two gets the job", async () => {
			for (let round = 0; round < rounds; round++) {
				const run = await runs.sent();
				const claim = { kinds: ["draw"], limit: 1, leaseExpiresAt: leaseExpiresAt(), now: rig.now, newLeaseToken };
				const [begun, claimed] = await race(
					(store) => begin(store, run),
					(store) => store.claimJobs(claim),
				);
				expect([hasJob(begun), claimed.length > 0].filter(Boolean)).toHaveLength(1);
				expect(await statusOf(run)).toMatchObject({ status: "running", attempt: 1 });
			}
		});

		test("a run and its owner's cancel: the job is cancelled, and nothing is held or charged", async () => {
			await rig.grant("ada", 100);
			for (let round = 0; round < rounds; round++) {
				const run = await runs.sent({ price: 3, charge: "on-start" });
				const [begun] = await race(
					(store) => begin(store, run),
					(store) => store.cancelJob({ viewer: "ada", jobId: run.jobId, now: rig.now }),
				);
				if (!begun.claimed) expect(begun).toEqual({ claimed: null, reason: "final" });
				expect(await statusOf(run)).toMatchObject({ status: "cancelled", held: 0, charged: 0, leaseToken: null });
			}
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 100, held: 0, available: 100 });
		});

		const dues: readonly (readonly [string, () => Promise<Run>])[] = [
			["whose lease has run out", async () => (await runs.running()).run],
			["whose sleep is over", async () => (await runs.asleep()).run],
		];
		test.each(dues)("a run %s and a sweep: either it goes on, or another event is sent", async (_, prepare) => {
			for (let round = 0; round < rounds; round++) {
				const run = await prepare();
				rig.now += 30_000;
				const [begun, swept] = await race(
					(store) => begin(store, run),
					(store) => store.sweep({ now: rig.now, limit: 10 }),
				);
				expect(swept.returned + swept.woken).toBe(hasJob(begun) ? 0 : 1);
				const job = await statusOf(run);
				if (hasJob(begun)) expect(job).toMatchObject({ status: "running", leaseToken: run.leaseToken, attempt: 1 });
				else {
					expect(begun).toEqual({ claimed: null, reason: "superseded" });
					expect(await runs.take()).toMatchObject([{ jobId: run.jobId, sends: 1 }]);
				}
				await rig.store.cancelJob({ viewer: "ada", jobId: run.jobId, now: rig.now });
			}
		});

		test("an end that is told many times is one end, and settles once", async () => {
			await rig.grant("ada", 10);
			const { run } = await runs.running({ price: 5 });
			const all = await atOnce((store, i) => runs.end(run, i % 2 === 0 ? "cancelled" : failure, 2, store));
			expect(all.filter((job) => job !== null)).toHaveLength(1);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 8, held: 0, available: 8 });
		});

		test("an end and the run's own completion: one of the two, settled once", async () => {
			await rig.grant("ada", 100);
			let completed = 0;
			for (let round = 0; round < rounds; round++) {
				const { run, job } = await runs.running({ price: 3 });
				const ending = { jobId: job.id, leaseToken: run.leaseToken, owner: "ada", kind: "draw" };
				const [ended, { values }] = await race(
					(store) => runs.end(run, failure, 0, store),
					(store) => outcomesOf([store.completeJob({ ...ending, output: "1", due: 3, now: rig.now })]),
				);
				expect([ended !== null, values.length === 1].filter(Boolean)).toHaveLength(1);
				completed += values.length;
			}
			expect(await rig.store.readBalance("ada")).toMatchObject({ posted: 100 - 3 * completed, held: 0 });
		});
	});
}

import { afterEach, beforeEach, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { newId } from "../../core/ids.ts";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { PostgresWire } from "../../testing/postgres-wire.testsuite.ts";
import { codeOf, leaseOf, outcomesOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Elsewhere, Store } from "../store.ts";

const isTurn = (sql: string) => /\.turn\(/.test(sql);

describeOnPostgres("the transitions of one turn of the event loop", () => {
	const rig = StoreRig.use(postgresStores());
	let wire: PostgresWire;
	/** What is asked through the wire. */
	let store: Store;

	beforeEach(async () => {
		wire = await PostgresWire.before(rig.under.url);
		store = rig.under.connect({ url: wire.url });
		await store.readBalance("ada");
		wire.requests.length = 0;
	});
	afterEach(() => wire.close());

	/** Not what is asked once, as a connection begins. */
	const asked = () => wire.requests.map(({ sql }) => sql).filter((sql) => !/LISTEN|^SET|transfers/.test(sql));
	const turns = () => asked().filter(isTurn).length;

	test("are one round trip: fifty submits, and what becomes of them", async () => {
		const submissions = Array.from({ length: 50 }, (_, i) => rig.submission({ owner: `owner ${i % 7}` }));
		await Promise.all(submissions.map((submission) => store.submitJob(submission)));
		// One on each of the two ways; the first time an owner is seen, the account is opened just before, in the same round trip.
		expect(turns()).toBe(2);
		expect(asked()).toHaveLength(4);

		const jobs = (await rig.claim({ limit: 50 })).map(({ job }) => job);
		expect(jobs).toHaveLength(50);
		wire.requests.length = 0;
		await Promise.all([
			...jobs.slice(0, 20).map((job) => store.completeStep(rig.stepCompletion(job, "draw", "picture"))),
			...jobs.slice(20, 30).map((job) => store.completeJob({ ...leaseOf(job), output: "1", due: 0, now: rig.now })),
			...jobs.slice(30, 40).map((job) => store.releaseJob({ ...leaseOf(job), runAt: rig.now, now: rig.now })),
			store.extendLeases(jobs.slice(40).map(leaseOf), rig.now + 60_000),
			store.submitJob(rig.submission({ owner: "owner 0" })),
		]);
		expect(asked()).toHaveLength(2);
	});

	test("are one round trip a turn, so a thousand in a row are not a thousand", async () => {
		const submissions = Array.from({ length: 1_000 }, (_, i) => rig.submission({ owner: `owner ${i % 50}` }));
		await Promise.all(submissions.map((submission) => store.submitJob(submission)));
		// At most 600 go together.
		expect(turns()).toBe(2);
	});

	test("are answered each for itself: who is refused takes nobody along", async () => {
		await rig.grant("ada", 1);
		const submissions = [1, 1, 5, 0].map((price) => rig.submission({ price }));
		const { values, codes } = await outcomesOf(submissions.map((submission) => store.submitJob(submission)));
		expect(turns()).toBe(1);
		expect(values).toHaveLength(2);
		expect(codes).toEqual(["insufficient_credits", "insufficient_credits"]);
	});

	test("of which the server cannot do one are tried one by one, and the others are done", async () => {
		const good = [rig.submission(), rig.submission()] as const;
		// Postgres has no place for it in a text.
		const bad = rig.submission({ subject: "story:\u0000" });
		const [first, faulty, last] = await Promise.allSettled([
			store.submitJob(good[0]),
			store.submitJob(bad),
			store.submitJob(good[1]),
		]);
		expect([first.status, faulty.status, last.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect((await rig.everythingOf("ada")).jobs.map(({ job }) => job.id)).toEqual([good[1].id, good[0].id]);
		expect(turns()).toBe(4);
	});

	test("whose answer is lost are all `store_unavailable`, and the next ones go through", async () => {
		await store.submitJob(rig.submission());
		const submissions = Array.from({ length: 20 }, () => rig.submission());
		const isTold = new Promise<Elsewhere>((resolve) => store.onElsewhere(resolve));
		const cut = wire.cutAfter(isTurn);
		const { values, codes } = await outcomesOf(submissions.map((submission) => store.submitJob(submission)));
		await cut;
		expect(values).toEqual([]);
		expect(codes).toEqual(submissions.map(() => "store_unavailable"));
		// They were done all the same: so everyone here is told to look.
		expect((await rig.everythingOf("ada")).jobs).toHaveLength(21);
		expect(await isTold).toEqual({ owners: null, claimable: true, revokedLeaseTokens: null });
		await store.submitJob(rig.submission());
		expect((await rig.everythingOf("ada")).jobs).toHaveLength(22);
	});

	test("that were acknowledged are there, however often the writer's connection is terminated meanwhile", async () => {
		const kill = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE application_name = 'darkroom' AND pid <> pg_backend_pid() AND query LIKE '%${rig.under.schema}".turn(%'`;
		const acknowledged: string[] = [];
		const refused = new Set<string>();
		let isOver = false;
		const submitting = Array.from({ length: 8 }, async (_, lane) => {
			while (!isOver) {
				const id = newId(rig.now);
				await store.submitJob(rig.submission({ id, owner: `owner ${lane}` })).then(
					() => acknowledged.push(id),
					(error: unknown) => refused.add(isDarkroomError(error) ? error.code : String(error)),
				);
			}
		});
		for (let kills = 0; kills < 15; kills++) {
			const before = acknowledged.length;
			await rig.under.ask(kill);
			// The next call works: nothing has to be started anew.
			while (acknowledged.length < before + 40) await new Promise((resolve) => setImmediate(resolve));
		}
		isOver = true;
		await Promise.all(submitting);
		expect([...refused]).toEqual(["store_unavailable"]);
		const rows = await rig.under.ask(`SELECT id FROM ${rig.under.table("jobs")}`);
		const kept = new Set(rows.map(({ id }) => id));
		expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
		expect(acknowledged.length).toBeGreaterThan(600);
	});

	test("asked for before a close are finished by it, and those after it are refused", async () => {
		const submissions = Array.from({ length: 10 }, () => rig.submission());
		const before = Promise.allSettled(submissions.map((submission) => store.submitJob(submission)));
		const closing = store.close();
		expect(await codeOf(store.submitJob(rig.submission()))).toBe("stopped");
		await closing;
		expect((await before).map(({ status }) => status)).toEqual(submissions.map(() => "fulfilled"));
		expect((await rig.everythingOf("ada")).jobs).toHaveLength(10);
	});
});

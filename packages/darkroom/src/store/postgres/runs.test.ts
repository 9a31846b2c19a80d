import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { PostgresWire } from "../../testing/postgres-wire.testsuite.ts";
import { codeOf, leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { RunRig } from "../../testing/store/run-rig.testsuite.ts";
import type { Run, Store } from "../store.ts";

describeOnPostgres("for a service and its runs", () => {
	const rig = StoreRig.use(postgresStores());
	const runs = new RunRig(rig);

	test("what to send is taken past an owner whose lock somebody keeps, and that owner's when it is free", async () => {
		const [ada, bob] = [await rig.submit(), await rig.submit({ owner: "bob" })];
		await rig.under.ask("BEGIN");
		await rig.under.ask(`SELECT FROM ${rig.under.table("accounts")} WHERE owner = 'ada' FOR NO KEY UPDATE`);
		expect(await runs.take()).toMatchObject([{ jobId: bob.id }]);
		await rig.under.ask("COMMIT");
		expect(await runs.take()).toMatchObject([{ jobId: ada.id }]);
	});

	test("what another process takes between the look and the lock is that one's", async () => {
		const { ask, schema, table } = rig.under;
		const job = await rig.submit();
		await ask("BEGIN");
		await ask(`LOCK TABLE ${table("accounts")} IN ACCESS EXCLUSIVE MODE`);
		const taken = runs.take();
		// It has seen that the job is due, and waits for the table of locks.
		const waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass";
		while ((await ask(waits, [table("accounts")])).length === 0) await new Promise((resolve) => setImmediate(resolve));
		const [{ answer } = {}] = await ask(
			`SELECT ${schema}.take_dispatches('{draw}', 1, ${rig.now}, 1000, 8000) AS answer`,
		);
		await ask("COMMIT");
		expect(answer).toMatchObject({ taken: [{ jobId: job.id }] });
		expect(await taken).toEqual([]);
	});

	const asked: readonly (readonly [string, RegExp, (run: Run, store: Store) => Promise<unknown>, unknown])[] = [
		[
			"begins",
			/\.turn\(/,
			(run, store) => runs.begin(run, rig.now + 30_000, store),
			{ claimed: null, reason: "superseded" },
		],
		["ends", /\.end_run\(/, (run, store) => runs.end(run, "cancelled", 0, store), null],
	];
	test.each(asked)(
		"a run that %s is asked for once more where its job has become another owner's meanwhile",
		async (_, sql, ask, answer) => {
			const wire = await PostgresWire.before(rig.under.url);
			const store = rig.under.connect({ url: wire.url });
			const run = await runs.sent({ owner: "bob" });
			await rig.under.ask("BEGIN");
			await rig.under.ask(`SELECT FROM ${rig.under.table("accounts")} WHERE owner = 'bob' FOR NO KEY UPDATE`);
			const answered = ask(run, store);
			const isAsked = () => wire.requests.some((request) => sql.test(request.sql));
			// Now it has found out that it is bob's, and waits for bob's lock.
			while (!isAsked()) await new Promise((resolve) => setImmediate(resolve));
			await rig.under.ask(`SELECT ${rig.under.schema}.transfer_owner('somebody', 'bob', 'grace', ${rig.now})`);
			await rig.under.ask("COMMIT");
			expect(await answered).toEqual(answer);
			expect(wire.requests.filter((request) => sql.test(request.sql))).toHaveLength(2);
			await wire.close();
		},
	);

	test("a lease that is used again is whose its job is now, whatever trace is left of an owner before", async () => {
		const { run } = await runs.asleep({ owner: "cyd" });
		// As a transfer leaves it that another one was in the way of.
		await rig.under.ask(`INSERT INTO ${rig.under.table("moved_leases")} VALUES ($1, 'bob', $2)`, [
			run.leaseToken,
			run.jobId,
		]);
		const job = await runs.begun(run);
		expect(await rig.store.findOwners([leaseOf(job)])).toEqual(new Map([[run.leaseToken, "cyd"]]));
		await rig.complete(job);
		expect(await codeOf(rig.complete(job))).toBe("lease_lost");
	});

	test("many runs begin at once, each answered for itself", async () => {
		const sent = await Promise.all(Array.from({ length: 30 }, () => rig.submit({ runningPerOwner: 100 })));
		const taken = await runs.take();
		await rig.store.cancelJob(rig.asOwner(sent[7] as NonNullable<(typeof sent)[0]>));
		const begun = await Promise.all(taken.map((dispatch) => runs.begin(runs.runOf(dispatch))));
		expect(begun.map((one) => one.claimed?.job.id ?? ("reason" in one && one.reason))).toEqual(
			taken.map(({ jobId }) => (jobId === sent[7]?.id ? "final" : jobId)),
		);
	});
});

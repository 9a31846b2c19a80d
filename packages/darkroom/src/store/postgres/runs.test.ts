import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { PostgresWire } from "../../testing/postgres-wire.testsuite.ts";
import { codeOf, leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { RunRig } from "../../testing/store/run-rig.testsuite.ts";
import type { Run, Store } from "../store.ts";

describeOnPostgres("what a service's runs ask", () => {
	const rig = StoreRig.use(postgresStores());
	const runs = new RunRig(rig);

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
		"of a run that %s is asked once more where its job has become another owner's meanwhile",
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

	test("is the new owner's where a lease that is used again has left a trace of the one before", async () => {
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

	test("begins many in one round trip, each answered for itself", async () => {
		const sent = await Promise.all(Array.from({ length: 30 }, () => rig.submit({ runningPerOwner: 100 })));
		const taken = await runs.take();
		await rig.store.cancelJob(rig.asOwner(sent[7] as NonNullable<(typeof sent)[0]>));
		const begun = await Promise.all(taken.map((dispatch) => runs.begin(runs.runOf(dispatch))));
		expect(begun.map((one) => one.claimed?.job.id ?? ("reason" in one && one.reason))).toEqual(
			taken.map(({ jobId }) => (jobId === sent[7]?.id ? "final" : jobId)),
		);
	});
});

import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";
import { RunRig } from "../../testing/store/run-rig.testsuite.ts";

/** Jobs that wait; what is found from the head of an index, or by a key, is far less. */
const many = 300;
const few = 10;

describeOnPostgres("on a connection that has made its plans while nothing was there", () => {
	const rig = StoreRig.use(postgresStores());
	const runs = new RunRig(rig);

	/** What `sql` reads of each index of `jobs`, in entries; what it writes is taken back. `darkroom.` stands for the schema. */
	async function entriesRead(sql: string): Promise<Record<string, number>> {
		const { ask, schema } = rig.under;
		await ask("BEGIN");
		await ask(sql.replaceAll("darkroom.", `${schema}.`));
		const rows = await ask(
			`SELECT relname, pg_stat_get_xact_tuples_returned(indexrelid)::integer AS entries FROM pg_index
			 JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = '${schema}.jobs'::regclass`,
		);
		await ask("ROLLBACK");
		const read = rows.filter(({ entries }) => Number(entries) > 0);
		return Object.fromEntries(read.map(({ relname, entries }) => [String(relname), Number(entries)]));
	}

	/** The second look: the first walks past what the rows were before, and takes that out of the index. */
	async function entriesReadThen(sql: string): Promise<Record<string, number>> {
		await entriesRead(sql);
		return entriesRead(sql);
	}

	const fill = () =>
		Promise.all(
			Array.from({ length: many }, (_, i) => rig.submit({ owner: `owner ${i % 20}`, runningPerOwner: many })),
		);

	test("a claim reads the head of what waits, and each job by its key", async () => {
		const given = { kinds: ["draw", "write"], tokens: ["one", "two"], expires_at: rig.now + 1, at: rig.now };
		const claim = `SELECT darkroom.turn('nobody', '{}', claims => '${JSON.stringify([given])}')`;
		expect(await entriesRead(claim)).toEqual({});
		await fill();
		const { jobs_claimable: looked, jobs_pkey: found, ...others } = await entriesReadThen(claim);
		expect(others).toEqual({});
		expect(looked).toBeLessThan(few);
		expect(found).toBeLessThan(few);
	});

	test("what is due to be sent is read from its head, however much was sent and has not begun", async () => {
		const take = `SELECT darkroom.take_dispatches('{draw, write}', 10, ${rig.now}, 1000, 8000)`;
		expect(await entriesRead(take)).toEqual({});
		await fill();
		expect(await runs.take({ limit: 1_000 })).toHaveLength(many);
		await rig.submit();
		await rig.submit({ kind: "write" });
		const { jobs_sendable: looked, jobs_pkey: found, ...others } = await entriesReadThen(take);
		expect(others).toEqual({});
		expect(looked).toBeLessThan(few);
		expect(found).toBeLessThan(few);
	});

	test("a run's job is found by its id alone", async () => {
		expect(await entriesRead("SELECT darkroom.owner_of('nobody')")).toEqual({});
		await fill();
		const [sent] = await runs.take({ limit: 1 });
		expect(await entriesRead(`SELECT darkroom.owner_of('${sent?.jobId}')`)).toEqual({ jobs_sent: 1 });
	});
});

import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";

describeOnPostgres("a submit with a client that has no transaction to join is refused, and writes nothing:", () => {
	const rig = StoreRig.use(postgresStores());
	let client: pg.Client;

	beforeEach(async () => {
		client = new pg.Client(rig.under.url);
		await client.connect();
	});
	afterEach(async () => {
		await client.end();
		expect(await rig.store.listJobs({ viewer: "ada", limit: 10 })).toEqual([]);
	});

	function refusalOf(given: unknown) {
		return rig.store.submitJob(rig.submission(), given).catch((error: unknown) => error);
	}

	test("a pool, of which each statement may have another connection", async () => {
		const pool = new pg.Pool({ connectionString: rig.under.url, max: 1 });
		await pool.query("BEGIN");
		await pool.query("COMMIT");
		expect(await refusalOf(pool)).toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("not on a pool"),
		});
		await pool.end();
	});

	test("one on which nothing was begun, or what was begun is over", async () => {
		const noTransaction = { code: "misconfigured", detail: expect.stringContaining("no open transaction") };
		expect(await refusalOf(client)).toMatchObject(noTransaction);
		await client.query("BEGIN");
		await client.query("ROLLBACK");
		expect(await refusalOf(client)).toMatchObject(noTransaction);
	});

	test("one whose transaction has failed before", async () => {
		await client.query("BEGIN");
		await client.query("SELECT 1 / 0").catch(() => "as meant");
		expect(await refusalOf(client)).toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("Roll it back"),
			cause: { code: "25P02" },
		});
	});

	test("one of another database", async () => {
		const name = `${rig.under.schema}_elsewhere`;
		await rig.under.ask(`CREATE DATABASE ${name}`);
		const url = new URL(rig.under.url);
		url.pathname = name;
		const elsewhere = new pg.Client(url.href);
		await elsewhere.connect();
		await elsewhere.query("BEGIN");
		expect(await refusalOf(elsewhere)).toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("another database"),
		});
		await elsewhere.end();
		await rig.under.ask(`DROP DATABASE ${name}`);
	});

	test("one that is closed, or was never one", async () => {
		const closed = new pg.Client(rig.under.url);
		await closed.connect();
		await closed.end();
		expect(await refusalOf(closed)).toMatchObject({ code: "store_unavailable" });
		expect(await refusalOf({ query: () => undefined })).toMatchObject({ code: "misconfigured" });
		expect(await refusalOf({ query: async () => ({ rows: [] }) })).toMatchObject({ code: "misconfigured" });
	});
});

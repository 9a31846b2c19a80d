import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askPostgres, hasPostgres } from "../../testing/postgres-server.testsuite.ts";
import { type PostgresUnderTest, postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { codeOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { postgres } from "./index.ts";

describe.skipIf(!hasPostgres)("row-level security", () => {
	const create = postgresStores();
	let under: PostgresUnderTest;
	const rig = StoreRig.use(async () => {
		under = await create();
		return under;
	});
	const tables = ["jobs", "steps", "accounts", "entries", "assets"];
	const role = `reader_${randomBytes(6).toString("hex")}`;
	let reader: pg.Client;

	beforeEach(async () => {
		const names = tables.map((name) => under.table(name)).join(", ");
		await askPostgres(under.url, `CREATE ROLE ${role} LOGIN`);
		await askPostgres(under.url, `GRANT USAGE ON SCHEMA ${under.schema} TO ${role}; GRANT ALL ON ${names} TO ${role}`);
		const url = new URL(under.url);
		url.username = role;
		reader = new pg.Client(url.href);
		await reader.connect();
		for (const owner of ["ada", "bob"]) {
			await rig.grant(owner, 5);
			const job = await rig.running({ owner, price: 1 });
			await rig.completeStep(job, "draw", 1);
			await rig.complete(job);
			const asset = { contentType: "image/png", size: 1, width: 1, height: 1, blur: null, createdAt: 1, keptAt: null };
			await rig.store.createAsset({ ...asset, id: job.id, owner });
		}
	});

	afterEach(async () => {
		await reader.end();
		await askPostgres(under.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
	});

	const readAs = (viewer: string) =>
		reader.query("SELECT set_config($1, $2, false)", [`${under.schema}.viewer`, viewer]);

	test.each(tables)("shows a viewer what is theirs in %s, and nothing of another's", async (name) => {
		const [all] = await askPostgres(under.url, `SELECT count(*) AS n FROM ${under.table(name)}`);
		await readAs("ada");
		const { rows: hers } = await reader.query(`SELECT * FROM ${under.table(name)}`);
		expect(hers.length).toBe(Number(all?.n) / 2);
		if (name !== "steps") expect(new Set(hers.map((row) => row.owner))).toEqual(new Set(["ada"]));
		await readAs("bob");
		const { rows: his } = await reader.query(`SELECT * FROM ${under.table(name)}`);
		expect(his).toHaveLength(hers.length);
		for (const row of his) expect(hers).not.toContainEqual(row);
	});

	test.each(tables)("shows nothing in %s to who does not say for whom they read", async (name) => {
		expect((await reader.query(`SELECT * FROM ${under.table(name)}`)).rows).toEqual([]);
	});

	test.each(["jobs", "accounts", "entries"])(
		"lets nobody but Darkroom change %s, whatever was granted",
		async (name) => {
			await readAs("ada");
			const { rowCount } = await reader.query(`UPDATE ${under.table(name)} SET owner = 'ada'`);
			expect(rowCount).toBe(0);
			expect((await reader.query(`DELETE FROM ${under.table(name)}`)).rowCount).toBe(0);
			await expect(
				reader.query(`INSERT INTO ${under.table("accounts")} (owner, posted) VALUES ('eve', 99)`),
			).rejects.toThrow(/row-level security/);
			expect((await rig.store.readBalance("ada")).posted).toBe(4);
		},
	);

	test("does not let Darkroom itself run as a role that it binds", async () => {
		const url = new URL(under.url);
		url.username = role;
		await askPostgres(under.url, `GRANT SELECT ON ${under.table("migrations")} TO ${role}`);
		const bound = postgres(url.href, { schema: under.schema });
		expect(await codeOf(bound.open())).toBe("misconfigured");
		await bound.close();
	});
});

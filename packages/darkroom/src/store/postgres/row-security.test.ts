import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { codeOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { postgres } from "./index.ts";

describeOnPostgres("row-level security", () => {
	const rig = StoreRig.use(postgresStores());
	const tables = ["jobs", "steps", "accounts", "entries", "assets"];
	const role = `reader_${randomBytes(6).toString("hex")}`;
	let reader: pg.Client;

	beforeEach(async () => {
		const names = tables.map((name) => rig.under.table(name)).join(", ");
		await rig.under.ask(`CREATE ROLE ${role} LOGIN`);
		await rig.under.ask(`GRANT USAGE ON SCHEMA ${rig.under.schema} TO ${role}; GRANT ALL ON ${names} TO ${role}`);
		const url = new URL(rig.under.url);
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
		await rig.under.ask(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
	});

	const readAs = (viewer: string) =>
		reader.query("SELECT set_config($1, $2, false)", [`${rig.under.schema}.viewer`, viewer]);

	test.each(tables)("shows a viewer what is theirs in %s, and nothing of another's", async (name) => {
		const [all] = await rig.under.ask(`SELECT count(*) AS n FROM ${rig.under.table(name)}`);
		await readAs("ada");
		const { rows: hers } = await reader.query(`SELECT * FROM ${rig.under.table(name)}`);
		expect(hers.length).toBe(Number(all?.n) / 2);
		if (name !== "steps") expect(new Set(hers.map((row) => row.owner))).toEqual(new Set(["ada"]));
		await readAs("bob");
		const { rows: his } = await reader.query(`SELECT * FROM ${rig.under.table(name)}`);
		expect(his).toHaveLength(hers.length);
		for (const row of his) expect(hers).not.toContainEqual(row);
	});

	test.each(tables)("shows nothing in %s to who does not say for whom they read", async (name) => {
		expect((await reader.query(`SELECT * FROM ${rig.under.table(name)}`)).rows).toEqual([]);
	});

	test.each(["jobs", "accounts", "entries"])(
		"lets nobody but Darkroom change %s, whatever was granted",
		async (name) => {
			await readAs("ada");
			const { rowCount } = await reader.query(`UPDATE ${rig.under.table(name)} SET owner = 'ada'`);
			expect(rowCount).toBe(0);
			expect((await reader.query(`DELETE FROM ${rig.under.table(name)}`)).rowCount).toBe(0);
			await expect(
				reader.query(`INSERT INTO ${rig.under.table("accounts")} (owner, posted) VALUES ('eve', 99)`),
			).rejects.toThrow(/row-level security/);
			expect((await rig.store.readBalance("ada")).posted).toBe(4);
		},
	);

	test("does not let Darkroom itself run as a role that it binds", async () => {
		const url = new URL(rig.under.url);
		url.username = role;
		await rig.under.ask(`GRANT SELECT ON ${rig.under.table("migrations")} TO ${role}`);
		const bound = postgres(url.href, { schema: rig.under.schema });
		expect(await codeOf(bound.open())).toBe("misconfigured");
		await bound.close();
	});
});

import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";
import { Connections } from "./connection.ts";

describeOnPostgres("a connection in use that loses its server between two statements", () => {
	const rig = StoreRig.use(postgresStores());

	test("ends nothing but itself, and the next statement has another", async () => {
		const connections = new Connections({
			url: rig.under.url,
			maxReaders: 1,
			applicationName: "darkroom",
			hasSessions: true,
		});
		await connections.using(async (client) => {
			const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
			const gone = new Promise<void>((resolve) => client.once("end", () => resolve()));
			await rig.under.ask("SELECT pg_terminate_backend($1)", [rows[0].pid]);
			await gone;
		});
		expect(await connections.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
		await connections.close();
	});
});

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStartPostgres } from "../../testing/find-postgres.testsuite.ts";
import { askPostgres, PostgresServer } from "../../testing/postgres-server.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { describeAdmissionRaces } from "../../testing/store/admission-races.testsuite.ts";
import { describeClaims } from "../../testing/store/claims.testsuite.ts";
import { useEverything } from "../../testing/store/everything.testsuite.ts";
import { describePlaces } from "../../testing/store/places.testsuite.ts";
import { codeOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { describeTransfer } from "../../testing/store/transfer.testsuite.ts";

const stricter = ["repeatable read", "serializable"] as const;

describe.skipIf(!canStartPostgres).each(stricter)("a role whose transactions begin as %s", (level) => {
	let server: PostgresServer;
	beforeAll(async () => {
		server = await PostgresServer.start(["fsync=off"]);
		await askPostgres(server.url, `ALTER ROLE darkroom SET default_transaction_isolation = '${level}'`);
	}, 60_000);
	afterAll(() => server?.remove());
	const create = postgresStores({}, () => server.url);

	describeAdmissionRaces(create);
	describeClaims(create);
	describePlaces(create);
	describeTransfer(create);

	describe("has a store", () => {
		const rig = StoreRig.use(create);

		test("that does everything", () => useEverything(rig));

		test("that is refused as misconfigured behind a pooler, where it can set nothing, and is told what to set", async () => {
			const pooled = rig.under.connect({ listen: false });
			await expect(pooled.open()).rejects.toMatchObject({
				code: "misconfigured",
				detail: expect.stringMatching(
					new RegExp(`begin as ${level} .*ALTER ROLE darkroom SET default_transaction_isolation = 'read committed'`),
				),
			});
		});
	});
});

describe.skipIf(!canStartPostgres)("a submit inside a transaction of the app's own", () => {
	let server: PostgresServer;
	beforeAll(async () => {
		server = await PostgresServer.start(["fsync=off"]);
	}, 60_000);
	afterAll(() => server?.remove());
	const rig = StoreRig.use(postgresStores({}, () => server.url));
	let client: pg.Client;
	beforeEach(async () => {
		client = new pg.Client(server.url);
		await client.connect();
	});
	afterEach(() => client.end());

	test.each(stricter)(
		"that is %s is refused, whatever has happened since it began, and leaves it as it was",
		async (level) => {
			await client.query(`BEGIN ISOLATION LEVEL ${level}`);
			await client.query("SELECT 1");
			await rig.submit({ activePerOwner: 1 });
			const within = rig.store.submitJob(rig.submission({ activePerOwner: 1 }), client);
			await expect(within).rejects.toMatchObject({
				code: "misconfigured",
				detail: expect.stringMatching(new RegExp(`is ${level}.*BEGIN ISOLATION LEVEL READ COMMITTED`)),
			});
			await client.query("SELECT 1");
			await client.query("COMMIT");
			expect(await rig.store.countActive("ada", "draw")).toBe(1);
		},
	);

	test("that is read committed sees what was accepted since it began", async () => {
		await client.query("BEGIN");
		await client.query("SELECT 1");
		await rig.submit({ activePerOwner: 1 });
		expect(await codeOf(rig.store.submitJob(rig.submission({ activePerOwner: 1 }), client))).toBe("too_many_active");
		await client.query("COMMIT");
	});
});

import { randomBytes } from "node:crypto";
import { checkDatabase, migrateInTurn, openPool } from "../server/postgres";
import { hasPostgres, type TestDatabase, withoutPostgres } from "./database";
import { test } from "./own";
import { expect } from "./test";

/** What whoever starts the Studio is told of a `DATABASE_URL` that cannot be used. */
test.skip(!hasPostgres, withoutPostgres);

function changed(
	{ url }: TestDatabase,
	change: Partial<Record<"username" | "password" | "port" | "pathname", string>>,
) {
	return Object.assign(new URL(url), change).href;
}

test("that names no database of that server says how to make it", async ({ own }) => {
	const database = await own.createDatabase();
	const refusal = checkDatabase(changed(database, { pathname: "nowhere" }));
	await expect(refusal).rejects.toThrow(/cannot be used: .*CREATE DATABASE/);
});

test("whose user is refused says what to correct, without the password", async ({ own }) => {
	const database = await own.createDatabase();
	const refusal = checkDatabase(changed(database, { username: "nobody-of-that-name", password: "hunter2" }));
	await expect(refusal).rejects.toThrow(/Correct its user and password/);
	await expect(refusal).rejects.not.toThrow("hunter2");
});

test("where nobody listens says what to check", async ({ own }) => {
	const database = await own.createDatabase();
	// Of TCPMUX, which no machine has had for decades.
	const refusal = checkDatabase(changed(database, { port: "1" }));
	await expect(refusal).rejects.toThrow(/ECONNREFUSED.*Check its host, port/);
});

test("whose user may make no schema says what grants that, and leaves nobody waiting for its turn", async ({ own }) => {
	const database = await own.createDatabase();
	const stranger = `stranger_${randomBytes(4).toString("hex")}`;
	await database.query(`CREATE ROLE ${stranger} LOGIN`);
	const address = changed(database, { username: stranger });
	await checkDatabase(address);
	const pool = openPool(address);
	try {
		for (let turn = 0; turn < 2; turn++) {
			const refusal = migrateInTurn(pool, () => Promise.reject(new Error("There is no schema to migrate.")));
			await expect(refusal).rejects.toThrow(
				/may not do what is needed: permission denied .*docs\/operations\/postgres\.md/,
			);
		}
	} finally {
		await pool.end();
		await database.query(`DROP ROLE ${stranger}`);
	}
});

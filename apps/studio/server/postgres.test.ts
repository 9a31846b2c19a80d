import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeOnPostgres, postgresUrl } from "../../../packages/darkroom/src/testing/on-postgres.testsuite.ts";
import { askPostgres, freePort } from "../../../packages/darkroom/src/testing/postgres-server.testsuite.ts";
import { checkDatabase, migrateInTurn, openPool } from "./postgres.ts";

describeOnPostgres("a DATABASE_URL that cannot be used", () => {
	const url = postgresUrl();
	const name = `stranger_${randomBytes(4).toString("hex")}`;
	const at = (change: Partial<Record<"username" | "password" | "port" | "pathname", string>>) =>
		Object.assign(new URL(url()), change).href;

	beforeAll(async () => {
		await askPostgres(url(), `CREATE DATABASE ${name}`);
		await askPostgres(url(), `CREATE ROLE ${name} LOGIN`);
	});
	afterAll(async () => {
		await askPostgres(url(), `DROP DATABASE ${name} WITH (FORCE)`);
		await askPostgres(url(), `DROP ROLE ${name}`);
	});

	test("because there is no such database says how to make it", async () => {
		await expect(checkDatabase(at({ pathname: "nowhere" }))).rejects.toThrow(/cannot be used: .*CREATE DATABASE/);
	});

	test("because of its user says what to correct, without the password", async () => {
		const refusal = checkDatabase(at({ username: "nobody-of-that-name", password: "hunter2" }));
		await expect(refusal).rejects.toThrow(/Correct its user and password/);
		await expect(refusal).rejects.not.toThrow("hunter2");
	});

	test("because nobody listens there says what to check", async () => {
		const refusal = checkDatabase(at({ port: String(await freePort()) }));
		await expect(refusal).rejects.toThrow(/ECONNREFUSED.*Check its host, port/);
	});

	test("because its user may make no schema says what grants that, and leaves nobody waiting for its turn", async () => {
		const address = at({ username: name, pathname: name });
		await checkDatabase(address);
		const pool = openPool(address);
		try {
			for (let turn = 0; turn < 2; turn++) {
				const refusal = migrateInTurn(pool, async () => expect.unreachable("there is no schema to migrate"));
				await expect(refusal).rejects.toThrow(
					/may not do what is needed: permission denied .*docs\/operations\/postgres\.md/,
				);
			}
		} finally {
			await pool.end();
		}
	});
});

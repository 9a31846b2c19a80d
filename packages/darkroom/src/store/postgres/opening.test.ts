import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { canStartPostgres } from "../../testing/find-postgres.testsuite.ts";
import { askPostgres, PostgresServer } from "../../testing/postgres-server.testsuite.ts";
import type { Store } from "../store.ts";
import { postgres } from "./index.ts";

const password = "hunter2";

describe.skipIf(!canStartPostgres)("an address that does not lead to a database", () => {
	let folder: string;
	let server: PostgresServer;
	let store: Store | undefined;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "darkroom-opening-"));
		// The server runs as somebody else than these tests, where they run as root.
		chmodSync(folder, 0o755);
		const rules = join(folder, "pg_hba.conf");
		writeFileSync(rules, "host all darkroom 127.0.0.1/32 trust\nhost all ada,joan 127.0.0.1/32 scram-sha-256\n");
		// A client that gives no password keeps the server waiting for it, and so whoever drops a database. Less, and a machine
		// that is busy elsewhere is refused for being slow.
		server = await PostgresServer.start(["fsync=off", `hba_file=${rules}`, "authentication_timeout=5"]);
		await askPostgres(server.url, `CREATE ROLE ada LOGIN PASSWORD '${password}'`);
		await askPostgres(server.url, `CREATE ROLE joan LOGIN PASSWORD '${password}'`);
		await askPostgres(server.url, "CREATE DATABASE closed");
		await askPostgres(server.url, "REVOKE CONNECT ON DATABASE closed FROM public");
	}, 60_000);
	afterAll(async () => {
		await server?.remove();
		rmSync(folder, { recursive: true, force: true });
	});
	afterEach(() => store?.close());

	/** What is told to whoever starts a store there, or uses it without. */
	async function told(
		change: Partial<Record<"username" | "password" | "hostname" | "port" | "pathname" | "search", string>>,
	) {
		const url = Object.assign(new URL(server.url), { username: "ada", password, ...change });
		store = postgres(url.href);
		const errors = [await errorOf(store.open()), await errorOf(store.readBalance("ada"))];
		for (const { detail, code, cause } of errors) {
			expect([detail, code]).toEqual([errors[0]?.detail, errors[0]?.code]);
			expect(cause).toBeInstanceOf(Error);
			expect(`${detail} ${(cause as Error).stack} ${JSON.stringify(cause)}`).not.toContain(password);
		}
		return errors[0];
	}

	test("because it is no address says what one looks like", async () => {
		expect(await errorOf(postgres("postgres://ada:hunter2@[::/x").open())).toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("must look like postgres://user:password@host:5432/name"),
		});
	});

	test("because there is no such database says so, and that it must be made", async () => {
		expect(await told({ pathname: "nowhere" })).toMatchObject({
			code: "misconfigured",
			retryable: false,
			detail: expect.stringMatching(/^The database does not exist\. Make it .*postgres\(url\)/),
			cause: { code: "3D000" },
		});
	});

	test.each([
		["a wrong password", { password: "another" }, "28P01"],
		["an unknown user", { username: "grace" }, "28000"],
	])("because of %s says that the database refuses this user", async (_, change, code) => {
		expect(await told(change)).toMatchObject({
			code: "misconfigured",
			detail: expect.stringMatching(/^The database refuses this user\. Correct user and password/),
			cause: { code },
		});
	});

	test("because it has no password says that one is asked for", async () => {
		expect(await told({ password: "" })).toMatchObject({
			code: "misconfigured",
			detail: expect.stringMatching(/^The database asks for a password\. Add it/),
		});
	});

	test("because its user may not connect says so", async () => {
		expect(await told({ pathname: "closed" })).toMatchObject({
			code: "misconfigured",
			detail: expect.stringMatching(/^This user may not use the database/),
			cause: { code: "42501" },
		});
	});

	test("because the server does not speak TLS says which setting asks for it", async () => {
		expect(await told({ search: "?sslmode=verify-full" })).toMatchObject({
			code: "misconfigured",
			detail: expect.stringMatching(/^The database does not speak TLS\. Take sslmode out/),
		});
	});

	test.each([
		// One below those that are given to whoever asks for any.
		["nobody listens there", { port: "1" }, "ECONNREFUSED"],
		["there is no such host", { hostname: "no-such-host.invalid" }, /ENOTFOUND|EAI_AGAIN/],
	])("because %s says where to look, and that it may be tried again", async (_, change, code) => {
		const trouble = await told(change);
		expect(trouble).toMatchObject({
			code: "store_unavailable",
			retryAfterMs: 1_000,
			detail: expect.stringMatching(/^The database cannot be reached\. Check host and port/),
			cause: { code: expect.stringMatching(code) },
		});
	});

	describe("once it did", () => {
		async function open(): Promise<Store> {
			await askPostgres(server.url, "CREATE DATABASE passing OWNER joan");
			const url = Object.assign(new URL(server.url), { username: "joan", password, pathname: "passing" });
			store = postgres(url.href, { listen: false });
			await store.open();
			return store;
		}
		afterEach(() => askPostgres(server.url, "DROP DATABASE IF EXISTS passing WITH (FORCE)"));

		test("passes by itself where the password is being changed", async () => {
			const opened = await open();
			await askPostgres(server.url, "ALTER ROLE joan PASSWORD 'another'");
			await askPostgres(server.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'joan'");
			const refused = async () => (await errorOf(opened.readBalance("ada"))).code;
			// The first may still meet the connection that was cut.
			expect([await refused(), await refused()]).toEqual(["store_unavailable", "store_unavailable"]);
			await askPostgres(server.url, `ALTER ROLE joan PASSWORD '${password}'`);
			expect(await opened.readBalance("ada")).toMatchObject({ posted: 0 });
		});

		test("may pass where the database is there no more, as while it is restored", async () => {
			const opened = await open();
			await askPostgres(server.url, "DROP DATABASE passing WITH (FORCE)");
			await errorOf(opened.readBalance("ada"));
			expect(await errorOf(opened.readBalance("ada"))).toMatchObject({
				code: "store_unavailable",
				detail: expect.stringContaining("it is not there"),
			});
		});
	});
});

async function errorOf(promise: Promise<unknown>) {
	const error = await promise.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!isDarkroomError(error)) throw new Error("It is no error of ours.", { cause: error });
	return error;
}

import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeOnPostgres, postgresUrl } from "../../testing/on-postgres.testsuite.ts";
import { askPostgres } from "../../testing/postgres-server.testsuite.ts";
import { useEverything } from "../../testing/store/everything.testsuite.ts";
import { type CreateStore, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { postgres } from "./index.ts";

/** Letters that no other test's has. */
const mark = newMark();

describeOnPostgres("a role that is no superuser", () => {
	const serverUrl = postgresUrl();
	const [database, owner, user] = [`db_${mark}`, `owner_${mark}`, `user_${mark}`];
	let admin: pg.Client;
	let mayMakeRoles = false;

	const urlOf = (role: string) => {
		const url = new URL(serverUrl());
		url.pathname = `/${database}`;
		url.username = role;
		url.password = "secret";
		return url.href;
	};
	const asAdmin = (sql: string) => {
		const url = new URL(serverUrl());
		url.pathname = `/${database}`;
		return askPostgres(url.href, sql);
	};

	beforeEach(async () => {
		admin = new pg.Client(serverUrl());
		await admin.connect();
		const { rows } = await admin.query("SELECT rolsuper AS may FROM pg_roles WHERE rolname = current_user");
		mayMakeRoles = rows[0].may;
		if (!mayMakeRoles) return;
		for (const role of [owner, user]) await admin.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER PASSWORD 'secret'`);
		await admin.query(`CREATE DATABASE ${database}`);
		// As most hosts give it: nobody may make anything unless they are told so.
		await asAdmin(`REVOKE ALL ON DATABASE ${database} FROM public; REVOKE ALL ON SCHEMA public FROM public;
			GRANT CONNECT ON DATABASE ${database} TO ${owner}, ${user}`);
	});
	afterEach(async () => {
		if (mayMakeRoles) {
			await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
			for (const role of [owner, user]) await admin.query(`DROP ROLE ${role}`);
		}
		await admin.end();
	});

	/** A rig that a test fills in, on a store as this role. */
	function as(role: string): CreateStore {
		return async () => {
			const store = postgres(urlOf(role));
			return { store, reopen: async () => store, close: () => store.close() };
		};
	}

	test("does everything in a schema that it owns, and needs no right to make one", async (context) => {
		if (!mayMakeRoles) return context.skip("TEST_DATABASE_URL names a user who may make no roles");
		await asAdmin(`CREATE SCHEMA darkroom AUTHORIZATION ${owner}`);
		await StoreRig.with(as(owner), useEverything);
	});

	test("does everything where it may make the schema", async (context) => {
		if (!mayMakeRoles) return context.skip("TEST_DATABASE_URL names a user who may make no roles");
		await asAdmin(`GRANT CREATE ON DATABASE ${database} TO ${owner}`);
		await StoreRig.with(as(owner), useEverything);
	});

	test("does everything in a schema that another migrated, as a member of that role", async (context) => {
		if (!mayMakeRoles) return context.skip("TEST_DATABASE_URL names a user who may make no roles");
		await asAdmin(`CREATE SCHEMA darkroom AUTHORIZATION ${owner}`);
		const migrating = postgres(urlOf(owner));
		await migrating.open();
		await migrating.close();
		await asAdmin(`GRANT ${owner} TO ${user}`);
		await StoreRig.with(as(user), useEverything);
	});

	test("that may not make the schema is told so, and the schema is not there", async (context) => {
		if (!mayMakeRoles) return context.skip("TEST_DATABASE_URL names a user who may make no roles");
		const store = postgres(urlOf(user));
		await expect(store.open()).rejects.toMatchObject({ code: "misconfigured" });
		await store.close();
	});
});

function newMark(): string {
	return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}

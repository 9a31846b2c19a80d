import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

describe("readConfig", () => {
	it("needs nothing: every variable has a default", () => {
		expect(readConfig({})).toMatchObject({
			dataFolder: resolve("./.data"),
			databaseUrl: null,
			databaseListens: true,
			inngest: null,
			concurrency: 50,
			starterCredits: 20,
			cronSecret: null,
			authSecret: null,
			publicUrl: null,
			trustedProxies: [],
			isDebug: false,
		});
	});

	it("takes an empty variable for an absent one, as in a copied .env.example", () => {
		const empty = { STARTER_CREDITS: "", CRON_SECRET: "", DEBUG: "", BETTER_AUTH_URL: "" };
		expect(readConfig(empty)).toEqual(readConfig({}));
	});

	it("reads what is given", () => {
		const config = readConfig({
			STARTER_CREDITS: "0",
			DEBUG: "true",
			DATABASE_LISTEN: "false",
			TRUSTED_PROXIES: "10.0.0.0/8, 127.0.0.1",
		});
		expect(config.starterCredits).toBe(0);
		expect(config.isDebug).toBe(true);
		expect(config.databaseListens).toBe(false);
		expect(config.trustedProxies).toEqual(["10.0.0.0/8", "127.0.0.1"]);
	});

	it.each([
		["STARTER_CREDITS", "-1"],
		["STARTER_CREDITS", "many"],
		["DEBUG", "yes"],
		["DATABASE_LISTEN", "no"],
		["DARKROOM_CONCURRENCY", "all"],
		["BETTER_AUTH_URL", "studio"],
		["ASSETS", "s4"],
		["DARKROOM_ENGINE", "warp"],
		["INNGEST_DEV", "yes"],
		["INNGEST_DEV", "localhost:8288"],
		["INNGEST_ENABLE_UNAUTHED_SYNC", "yes"],
	])("refuses %s=%s with a sentence that names it", (name, value) => {
		expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
		expect(() => readConfig({ [name]: value })).toThrow(`${name} is "${value}": it must be`);
	});

	it("names every wrong variable at once", () => {
		expect(() => readConfig({ DEBUG: "1", STARTER_CREDITS: "x" })).toThrow(/STARTER_CREDITS.*DEBUG/);
	});

	it.each(["postgres://ada:hunter2@db:5432/studio", "postgresql:///studio?host=/var/run/postgresql"])(
		"takes %s",
		(url) => {
			expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
		},
	);

	it.each([
		["CRON_SECRET", "hunter2", "must have at least"],
		["BETTER_AUTH_SECRET", "hunter2", "must have at least"],
		["DATABASE_URL", "mysql://ada:hunter2@db/studio", "must be the address of a Postgres database"],
		["DATABASE_URL", "hunter2", "must be the address of a Postgres database"],
		["INNGEST_BASE_URL", "http://ada:hunter2@inngest:8288", "must be the address of an Inngest server"],
		["INNGEST_EVENT_KEY", "hunter2 hunter2", "must be an event key"],
		["INNGEST_EVENT_KEY", "../hunter2", "must be an event key"],
		["INNGEST_SIGNING_KEY", "hunter2", "must be hexadecimal"],
		["INNGEST_SIGNING_KEY", "abc", "must be hexadecimal, with an even number of digits"],
	])("never repeats the value of %s when it is %s", (name, value, words) => {
		try {
			readConfig({ [name]: value });
			expect.unreachable();
		} catch (error) {
			expect((error as Error).message).toContain(`${name} ${words}`);
			expect((error as Error).message).not.toContain("hunter2");
		}
	});
});

describe("readConfig, where jobs run on Inngest", () => {
	const keys = { INNGEST_EVENT_KEY: "an-event_key", INNGEST_SIGNING_KEY: "signkey-prod-0123abcd" };
	const read = (env: Readonly<Record<string, string>>) => readConfig({ DARKROOM_ENGINE: "inngest", ...env });

	it.each(["", "0", "false"])("INNGEST_DEV=%s is production: with keys, and in Inngest's cloud", (INNGEST_DEV) => {
		expect(read({ ...keys, INNGEST_DEV }).inngest).toEqual({
			isDev: false,
			baseUrl: null,
			eventKey: "an-event_key",
			signingKey: "signkey-prod-0123abcd",
			allowsUnsignedSync: false,
		});
	});

	it.each([
		["1", {}, null],
		["true", {}, null],
		["http://localhost:9000", {}, "http://localhost:9000"],
		["1", { INNGEST_BASE_URL: "http://inngest:8288" }, "http://inngest:8288"],
		["http://localhost:9000", { INNGEST_BASE_URL: "http://inngest:8288" }, "http://inngest:8288"],
	])("INNGEST_DEV=%s with %o needs no keys and finds the dev server at %s", (INNGEST_DEV, env, baseUrl) => {
		expect(read({ INNGEST_DEV, ...env }).inngest).toMatchObject({ isDev: true, baseUrl, signingKey: null });
	});

	it("takes a server of one's own, with a key of one's own", () => {
		const own = { INNGEST_BASE_URL: "http://inngest.internal:8288", INNGEST_SIGNING_KEY: "0123abcd" };
		expect(read({ ...keys, ...own }).inngest).toMatchObject({
			isDev: false,
			baseUrl: "http://inngest.internal:8288",
			signingKey: "0123abcd",
		});
	});

	it("names both keys where both are missing", () => {
		expect(() => read({})).toThrow(/^INNGEST_SIGNING_KEY must be set .*INNGEST_DEV=1.* INNGEST_EVENT_KEY must be set /);
	});

	it("refuses a signing key of a server of one's own without that server's address: events would go to the cloud", () => {
		expect(() => read({ ...keys, INNGEST_SIGNING_KEY: "0123abcd" })).toThrow(/^INNGEST_BASE_URL must be set .*cloud/);
	});

	it.each([["INNGEST_SIGNING_KEY"], ["INNGEST_EVENT_KEY"]])("refuses production without %s", (name) => {
		expect(() => read({ ...keys, [name]: "" })).toThrow(ConfigError);
		expect(() => read({ ...keys, [name]: "" })).toThrow(new RegExp(`^${name} must be set`));
	});

	it("refuses dev mode, whose calls nobody signs, where the Studio is on the internet", () => {
		expect(() => read({ INNGEST_DEV: "1", BETTER_AUTH_URL: "https://studio.example.com" })).toThrow(
			/^INNGEST_DEV is "1": it must be off/,
		);
		expect(read({ INNGEST_DEV: "1", BETTER_AUTH_URL: "http://localhost:3000" }).inngest?.isDev).toBe(true);
	});

	it("asks for no key of the embedded engine, so that one may go back to it", () => {
		expect(readConfig({ ...keys, INNGEST_SIGNING_KEY: "" }).inngest).toBeNull();
	});

	it("lets nobody sync unsigned but where that is asked for", () => {
		expect(read({ ...keys, INNGEST_ENABLE_UNAUTHED_SYNC: "true" }).inngest?.allowsUnsignedSync).toBe(true);
	});
});

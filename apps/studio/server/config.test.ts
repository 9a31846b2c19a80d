import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

describe("readConfig", () => {
	it("needs nothing: every variable has a default", () => {
		expect(readConfig({})).toMatchObject({
			dataFolder: resolve("./.data"),
			databaseUrl: null,
			databaseListens: true,
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

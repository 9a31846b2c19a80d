import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findPostgres, howToGetPostgres } from "./find-postgres.testsuite.ts";

describe("the tests' Postgres", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "darkroom-finder-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	function install(name: string, programs = ["initdb", "postgres"]): string {
		const bin = join(folder, name, "bin");
		mkdirSync(bin, { recursive: true });
		for (const program of programs) writeFileSync(join(bin, program), "");
		return bin;
	}

	test("is the server that is named, before any that is installed", () => {
		install("versions/15");
		const env = { TEST_DATABASE_URL: "postgres://named/one", PATH: install("path") };
		const found = findPostgres({ env, versions: join(folder, "versions"), packaged: install("package") });
		expect(found).toEqual({ url: "postgres://named/one" });
	});

	test("is the newest installation that is complete, then the PATH's, then the package's", () => {
		install("versions/17", ["postgres"]);
		const newest = install("versions/15");
		install("versions/9");
		const [inPath, packaged] = [install("path"), install("package")];
		const [env, versions] = [{ PATH: `/nowhere:${inPath}` }, join(folder, "versions")];
		expect(findPostgres({ env, versions, packaged })).toEqual({ binaries: newest });
		expect(findPostgres({ env, versions: "/nowhere", packaged })).toEqual({ binaries: inPath });
		expect(findPostgres({ env: {}, versions: "/nowhere", packaged })).toEqual({ binaries: packaged });
	});

	test("is missing where there is none, and that is a failure where one is required", () => {
		const places = { versions: "/nowhere", packaged: undefined };
		expect(findPostgres({ ...places, env: {} })).toBeUndefined();
		expect(() => findPostgres({ ...places, env: { REQUIRE_POSTGRES: "1" } })).toThrow(howToGetPostgres);
		expect(howToGetPostgres).not.toContain("\n");
	});
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
	askPostgres,
	canStartPostgres,
	findPostgres,
	howToGetPostgres,
	PostgresServer,
	packagedBinaries,
	usePostgres,
} from "./postgres-server.testsuite.ts";

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

describe("a server", () => {
	test.skipIf(!canStartPostgres)("that is named by TEST_DATABASE_URL is used, and left running", async (context) => {
		const server = await PostgresServer.start(["fsync=off"]);
		context.onTestFinished(async () => {
			vi.unstubAllEnvs();
			await server.remove();
		});
		vi.stubEnv("TEST_DATABASE_URL", server.url);
		const used = await usePostgres();
		expect(used.url).toBe(server.url);
		await used.close();
		expect(await askPostgres(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
	});

	// Left out where npm has no binaries for this platform.
	test.skipIf(packagedBinaries() === undefined)(
		"of the npm package starts, is killed, and starts again",
		async (context) => {
			const server = await PostgresServer.start([], packagedBinaries());
			context.onTestFinished(() => server.remove());
			const [row] = await askPostgres(server.url, "SELECT current_user AS name, version()");
			expect(row).toMatchObject({ name: "darkroom", version: expect.stringContaining("PostgreSQL") });
			await askPostgres(server.url, "CREATE TABLE kept AS SELECT 1 AS one");
			await server.stop("SIGQUIT");
			await server.start();
			expect(await askPostgres(server.url, "SELECT one FROM kept")).toEqual([{ one: 1 }]);
		},
		60_000,
	);
});

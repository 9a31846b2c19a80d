import { describe, expect, test, vi } from "vitest";
import { canStartPostgres, packagedBinaries } from "./find-postgres.testsuite.ts";
import { askPostgres, PostgresServer, usePostgres } from "./postgres-server.testsuite.ts";

describe("a server", () => {
	test.skipIf(!canStartPostgres)(
		"that is named by TEST_DATABASE_URL is used, and left running",
		async (context) => {
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
		},
		60_000,
	);

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

import { afterAll, beforeAll, describe } from "vitest";
import { hasPostgres, howToGetPostgres } from "./find-postgres.testsuite.ts";
import { usePostgres } from "./postgres-server.testsuite.ts";

/** A `describe` that needs a server. Where there is none it is skipped, and says how to get one. */
export function describeOnPostgres(name: string, tests: () => void): void {
	describe.skipIf(!hasPostgres)(hasPostgres ? name : `${name}: ${howToGetPostgres}`, tests);
}

/** To be called in a file or a `describe`: one server for all of its tests. */
export function postgresUrl(): () => string {
	let server: Awaited<ReturnType<typeof usePostgres>>;
	beforeAll(async () => {
		server = await usePostgres();
	}, 60_000);
	afterAll(() => server?.close());
	return () => server.url;
}

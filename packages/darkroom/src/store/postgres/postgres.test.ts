import { describe } from "vitest";
import { hasPostgres } from "../../testing/postgres-server.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { describeStore } from "../../testing/store.testsuite.ts";

describe.skipIf(!hasPostgres)("on a real server", () => {
	describeStore("Postgres", postgresStores());
});

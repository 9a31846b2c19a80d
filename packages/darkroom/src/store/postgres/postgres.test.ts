import { describe } from "vitest";
import { hasPostgres } from "../../testing/postgres-server.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { describeJoined } from "../../testing/store/joined.testsuite.ts";
import { describeStore } from "../../testing/store.testsuite.ts";

describe.skipIf(!hasPostgres)("on a real server", () => {
	const create = postgresStores();
	describeStore("Postgres", create);
	describeJoined("Postgres", create);
});

import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { describeJoined } from "../../testing/store/joined.testsuite.ts";
import { describeStore } from "../../testing/store.testsuite.ts";

describeOnPostgres("on a real server", () => {
	const create = postgresStores();
	describeStore("Postgres", create);
	describeJoined("Postgres", create);
});

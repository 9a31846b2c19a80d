import { describe } from "vitest";
import { hasPostgres } from "../../testing/postgres-server.testsuite.ts";
import { postgresUrl } from "../../testing/postgres-store.testsuite.ts";
import { describeEngine } from "../engine.testsuite.ts";
import { createPostgresDatabase } from "../suite/databases.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

describe.skipIf(!hasPostgres)("on a real server", () => {
	const url = postgresUrl();
	// What is made up is the same as on a file; here the answers take longer, and come in another order.
	describeEngine("embedded", createEmbedded, { createDatabase: () => createPostgresDatabase(url()), histories: 15 });
});

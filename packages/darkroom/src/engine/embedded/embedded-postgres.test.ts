import { describeOnPostgres, postgresUrl } from "../../testing/on-postgres.testsuite.ts";
import { describeEngine } from "../engine.testsuite.ts";
import { createPostgresDatabase } from "../suite/databases.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

describeOnPostgres("on a real server", () => {
	const url = postgresUrl();
	// What is made up is the same as on a file; here the answers take longer, and come in another order.
	describeEngine("embedded", createEmbedded, { createDatabase: () => createPostgresDatabase(url()), histories: 15 });
});

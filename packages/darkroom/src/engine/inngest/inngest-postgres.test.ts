import { describeOnPostgres, postgresUrl } from "../../testing/on-postgres.testsuite.ts";
import { describeEngine } from "../engine.testsuite.ts";
import { createPostgresDatabase } from "../suite/databases.testsuite.ts";
import { createInngest } from "./create-inngest.testsuite.ts";

// Each store with one of the two ways in which Inngest calls: this one has a call for each step.
describeOnPostgres("inngest on postgres", () => {
	const url = postgresUrl();
	const createDatabase = () => createPostgresDatabase(url());
	const options = { createDatabase, hasPlaces: false, histories: 5 };
	describeEngine("inngest, a call for each step", createInngest({ checkpointing: false }), options);
});

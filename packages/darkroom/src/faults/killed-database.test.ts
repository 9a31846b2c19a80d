import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, test } from "vitest";
import { canStartPostgres } from "../testing/find-postgres.testsuite.ts";
import { PostgresServer } from "../testing/postgres-server.testsuite.ts";
import { FaultRun } from "./fault-run.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * The server that ends at once, as in a crash, while two processes work, and comes back a moment later. The processes
 * live on, and what they were about to write is written then.
 */
const fault = "killed database";
const ordersPerProcess = 30;
const notOurs = "there is none here, or TEST_DATABASE_URL names one that is not ours to kill";
const longestAwayMs = 800;
/** For a server that was cut off to come up once more, in ms. */
const afterwardsMs = 120_000;

describe.skipIf(!canStartPostgres)(`a killed database${canStartPostgres ? "" : `: ${notOurs}`}`, () => {
	let server: PostgresServer | undefined;
	let run: FaultRun | undefined;
	afterEach(async () => {
		// Its schema is removed with it.
		await server?.start();
		await run?.remove();
		await server?.remove();
	}, afterwardsMs);

	test(
		"whenever it is killed, every accepted job ends, is charged once, and no completed step runs again",
		async () => {
			server = await PostgresServer.start();
			run = await FaultRun.begin({ fault, url: server.url });
			const apps = [run.start(), run.start()];
			for (const round of roundsOf(fault, "postgres")) {
				for (const app of apps) {
					run.orderAgain(app);
					run.order(app, ordersPerProcess);
				}
				await apps[round % 2]?.says(Math.ceil(run.random() * 40));
				await server.stop("SIGQUIT");
				run.didFault();
				await pause(run.random() * longestAwayMs);
				await server.start();
				await apps[round % 2]?.says(5);
				await run.check();
			}
			await run.finish();
		},
		limitOf(fault),
	);
});

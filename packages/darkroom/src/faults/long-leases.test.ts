import { describe, expect, test } from "vitest";
import type { AppProcess } from "../testing/app-process.testsuite.ts";
import { FaultRun } from "./fault-run.testsuite.ts";
import { newOrder } from "./orders.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * Processes that are killed with SIGKILL while their leases have an hour to go. On SQLite it is seen that they are gone: the
 * next process, or one that lives beside them, goes on with their jobs long before. Were the leases waited for, no round would
 * end within the test.
 */
const fault = "long leases";
const engine = { lease: "1h", sweepEvery: "1s" } as const;
const ordersPerProcess = 30;

describe("leases that outlive their process on sqlite", () => {
	test(
		"are not waited for: each job goes on with its next step, is charged once, and counts the attempt that was cut off",
		async () => {
			const run = await FaultRun.begin({ fault });
			try {
				for (const round of roundsOf(fault, "sqlite")) {
					const killed = run.start({ engine });
					const jobId = await beginLate(run, killed, `late-${round}`);
					// One that lives takes over as well as one that comes.
					const living = round % 2 === 0 ? run.start({ engine }) : undefined;
					await living?.isReady();
					run.order(killed, ordersPerProcess);
					await killed.says(Math.ceil(run.random() * 100));
					await run.kill(killed);
					const successor = living ?? run.start({ engine });
					run.orderAgain(successor);
					run.letEnd(successor);
					await successor.isDone();
					await run.check();
					const [late] = await run.database.ask(`SELECT status, attempt FROM jobs WHERE id = '${jobId}'`);
					expect(late).toMatchObject({ status: "completed", attempt: 2 });
				}
				await run.finish({ engine });
			} finally {
				await run.remove();
			}
		},
		limitOf(fault),
	);
});

/** Orders a job whose first attempt never ends, and gives its id when that has begun. */
async function beginLate(run: FaultRun, app: AppProcess, key: string): Promise<string> {
	const { order, kind } = newOrder(run.chance, key, "late");
	const begun = app.saysSo((line) => line.includes(" stand-still 1"));
	const acknowledged = app.saysSo((line) => line.startsWith(`ack ${key} `));
	run.submit(app, [{ owner: "ada", kind, order: { ...order, flaky: true } }]);
	await Promise.all([begun, acknowledged]);
	const accepted = run.audit.accepted.get(key);
	if (!accepted) throw new Error(`The order ${key} was not accepted.`);
	return accepted.jobId;
}

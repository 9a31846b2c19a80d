import { setTimeout as pause } from "node:timers/promises";
import { test } from "vitest";
import type { AppProcess } from "../testing/app-process.testsuite.ts";
import { describeOnBothStores, type FaultRun } from "./fault-run.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * Processes that are killed with SIGKILL in the middle of their work, one after the other on the same database. Each is
 * killed after a random number of lines that it said, so at any moment of accepting, claiming, working and settling.
 * Every third is frozen first, for longer than its leases, while another takes over; then it goes on beside that one
 * as if nothing had been, until both are killed.
 */
const fault = "killed workers";
const ordersPerProcess = 50;
/**
 * A process that was frozen in the middle of a commit keeps the other one from beginning at all, so that one is not
 * waited for.
 */
const longestFreezeMs = 2_000;

describeOnBothStores("killed workers", (store, begin) => {
	test(
		"whatever is killed or frozen when, every accepted job ends, is charged once, and no completed step runs again",
		async () => {
			const run = await begin({ fault });
			for (const round of roundsOf(fault, store)) {
				const living = [run.start()];
				const [first] = living as [AppProcess];
				run.orderAgain(first);
				run.order(first, ordersPerProcess);
				run.letEnd(first);
				// Now and then in the middle of its start.
				if (run.random() < 0.1) await pause(run.random() * 400);
				else await first.says(Math.ceil(run.random() ** 2 * 220));
				if (round % 3 === 0) living.push(await overtake(run, first));
				for (const app of living) await run.kill(app);
				await run.check();
			}
			await run.finish();
		},
		limitOf(fault),
	);
});

/** Freezes the first until a second has done a part of its work, and then lets them work side by side for a while. */
async function overtake(run: FaultRun, first: AppProcess): Promise<AppProcess> {
	first.signal("SIGSTOP");
	run.didFault();
	const second = run.start();
	run.order(second, ordersPerProcess);
	run.letEnd(second);
	await Promise.race([second.says(Math.ceil(run.random() * 150)), pause(longestFreezeMs)]);
	first.signal("SIGCONT");
	await Promise.race([first.says(Math.ceil(run.random() * 60)), second.says(100)]);
	return second;
}

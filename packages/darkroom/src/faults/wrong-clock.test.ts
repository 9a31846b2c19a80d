import { test } from "vitest";
import { describeOnBothStores } from "./fault-run.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * One process whose clock is minutes ahead and one whose clock is minutes behind, beside one that is right. The first
 * takes everyone's leases for expired, and everyone the second's, so jobs are taken over all the time.
 */
const fault = "wrong clock";
const ordersPerProcess = 20;
const minuteMs = 60_000;

describeOnBothStores("a wrong clock", (store, begin) => {
	test(
		"costs attempts and time, but no job is lost or charged twice, and no completed step runs again",
		async () => {
			for (const _ of roundsOf(fault, store)) {
				const run = await begin({ fault, hasTrueClocks: false });
				const aheadMs = Math.ceil(run.random() * 10) * minuteMs;
				const behindMs = Math.ceil(run.random() * 10) * minuteMs;
				const apps = [aheadMs, 0, -behindMs].map((clockAheadMs) => run.start({ clockAheadMs }));
				for (const app of apps) {
					run.order(app, ordersPerProcess);
					run.didFault();
				}
				for (let looks = 0; looks < 5; looks++) {
					await Promise.all(apps.map((app) => app.says(10)));
					await run.check();
				}
				// What the first has put off is put off for its minutes; this one does not wait for them.
				await run.finish({ clockAheadMs: aheadMs + minuteMs });
			}
		},
		limitOf(fault),
	);
});

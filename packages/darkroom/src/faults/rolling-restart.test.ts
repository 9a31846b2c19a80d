import { test } from "vitest";
import { describeOnBothStores } from "./fault-run.testsuite.ts";
import type { Version } from "./jobs.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * Two processes are replaced one after the other, as a deployment does, by the next version of the jobs' code: with steps
 * that are new, in another order, at other prices. Every second deployment goes back to the version before.
 */
const fault = "rolling restart";
const ordersPerProcess = 25;
/** Whoever is asked to stop hands its jobs back: nobody waits for a lease, and a slow machine loses none. */
const engine = { lease: "1m" } as const;

describeOnBothStores("a rolling restart", (store, begin) => {
	test(
		"lets the next version go on where the last one was: what was done stays done, and costs what it cost",
		async () => {
			const run = await begin({ fault });
			let living = [run.start({ engine }), run.start({ engine })];
			for (const app of living) run.order(app, ordersPerProcess);
			for (const round of roundsOf(fault, store)) {
				const version: Version = round % 2 === 1 ? 2 : 1;
				const next = [];
				for (const app of living) {
					await app.says(Math.ceil(run.random() * 20));
					const replacement = run.start({ version, engine });
					run.orderAgain(replacement);
					run.order(replacement, ordersPerProcess);
					await replacement.says(2);
					await run.end(app);
					run.didFault();
					next.push(replacement);
				}
				living = next;
				await run.check();
			}
			await run.finish({ version: 2 });
		},
		limitOf(fault),
	);
});

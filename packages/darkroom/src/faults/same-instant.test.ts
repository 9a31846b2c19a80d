import { test } from "vitest";
import { describeOnBothStores } from "./fault-run.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * Three processes sweep all the time over leases that hardly last, so that several take the same job back, end it and
 * claim it in the same moment; and each job that begins its last step may be cancelled by two of them at once, and
 * then be tried again by two of them at once.
 */
const fault = "same instant";
const ordersPerProcess = 25;
const engine = { concurrency: 6, lease: "60ms", sweepEvery: "5ms", longWait: "40ms" } as const;

describeOnBothStores("the same instant", (store, begin) => {
	test(
		"two sweepers, two who finish, a cancel and a completion: one of them does it, and it is settled once",
		async () => {
			for (const _ of roundsOf(fault, store)) {
				const run = await begin({ fault });
				const apps = [run.start({ engine }), run.start({ engine }), run.start({ engine })];
				const tellTwo = (does: "cancel" | "retry", jobId: string) => {
					const viewer = run.ownerOf(jobId);
					if (viewer === undefined) return;
					for (const app of apps.slice(0, 2)) app.tell({ does, viewer, jobId });
				};
				run.onLine((line) => {
					const [what, jobId = "", third = ""] = line.split(" ");
					const isLast = what === "step" && ["finalize", "bind", "ring"].includes(third);
					if (isLast && run.random() < 0.5) {
						run.audit.cancelAsked.add(jobId);
						run.didFault();
						tellTwo("cancel", jobId);
					}
					if (what === "cancelled" && third === "cancelled" && run.random() < 0.5) tellTwo("retry", jobId);
				});
				for (const app of apps) {
					run.order(app, ordersPerProcess);
					run.letEnd(app);
				}
				for (const app of apps) await app.isDone();
				await run.finish();
			}
		},
		limitOf(fault),
	);
});

import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AppProcess } from "../testing/app-process.testsuite.ts";
import type { BehindTheStore } from "./behind-the-store.testsuite.ts";
import { describeOnBothStores } from "./fault-run.testsuite.ts";
import { newOrder } from "./orders.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * A worker that is stopped (SIGSTOP) for longer than its lease and then continued, in two jobs at once: one waits as a
 * call of a model does, the other returns in the very moment in which it goes on, and writes its result.
 */
const fault = "frozen worker";

describeOnBothStores("a frozen worker", (store, begin) => {
	test(
		"goes on after another has done its jobs: it is told so, and nothing that it writes is taken",
		async () => {
			for (const _ of roundsOf(fault, store)) {
				const run = await begin({ fault });
				// It never sweeps: it would take its own leases for lost when the machine lets it stand still for a moment too soon.
				const frozen = run.start({ engine: { sweepEvery: "10m" } });
				const aborted: string[] = [];
				const orders = [true, false].map((flaky, i) => {
					const one = newOrder(run.chance, `late-${i}`, "late");
					return { ...one, order: { ...one.order, flaky } };
				});
				for (const order of orders) {
					const begun = frozen.saysSo((line) => line.includes(" stand-still 1"));
					run.submit(frozen, [order]);
					await begun;
				}
				await freeze(frozen, run.database);
				run.didFault();
				const successor = run.start();
				run.letEnd(successor);
				await successor.isDone();
				const tables = ["jobs", "steps", "entries", "accounts"];
				const everything = () => Promise.all(tables.map((table) => run.database.ask(`SELECT * FROM ${table}`)));
				const before = await everything();
				const bothAborted = frozen.saysSo((line) => {
					if (line.startsWith("aborted")) aborted.push(line);
					return aborted.length === 2;
				});
				writeFileSync(run.gatePath, "");
				frozen.signal("SIGCONT");
				await bothAborted;
				const expected = [...run.audit.accepted.values()].map(({ jobId }) => `aborted ${jobId} lease_lost`);
				expect(aborted.sort()).toEqual(expected.sort());
				expect(await everything()).toEqual(before);
				await run.finish();
			}
		},
		limitOf(fault),
	);
});

/** Not in the middle of a commit: its successor could not even begin. */
async function freeze(worker: AppProcess, database: BehindTheStore): Promise<void> {
	for (;;) {
		worker.signal("SIGSTOP");
		// The signal has arrived by then.
		await pause(20);
		if (!database.isHeldUp()) return;
		worker.signal("SIGCONT");
		await pause(20);
	}
}

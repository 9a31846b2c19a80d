import { readFileSync, writeSync } from "node:fs";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { isDarkroomError } from "../core/errors.ts";
import { createDarkroom } from "../create-darkroom.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import { sqlite } from "../store/sqlite/index.ts";
import { createJobs, kinds, type Order } from "./sigkill-jobs.testsuite.ts";

/**
 * A process that accepts and works off jobs until it is killed. What it says on stdout, a line each, is said after
 * it is so, and written before anything else happens, so that the lines of a killed process can be believed.
 *
 *     ack <key> <job id>       accepted      refused <key> <code>     step <job id> <name> <attempt>     idle
 *
 * Its task comes on stdin, as JSON.
 */
interface Task {
	readonly databasePath: string;
	readonly effectsPath: string;
	/** Orders of earlier processes, answered or not: the same key again. */
	readonly again: readonly { readonly owner: string; readonly kind: string; readonly order: Order }[];
	readonly fresh: readonly Task["again"][number][];
}

const task = JSON.parse(readFileSync(0, "utf8")) as Task;
const owners = ["ada", "grace", "edsger", "poor"];
const say = (line: string) => void writeSync(1, `${line}\n`);

const darkroom = createDarkroom({
	jobs: createJobs(task.effectsPath, say),
	store: sqlite(task.databasePath),
	// Short, so that a new process soon has what a killed one left; a rest of a story is a long wait here.
	engine: { concurrency: 12, lease: "400ms", sweepEvery: "50ms", longWait: "100ms" },
});
await darkroom.start();
for (const owner of owners)
	await darkroom.grantCredits({ owner, amount: owner === "poor" ? 30 : 100_000, key: "starter" });
say("ready");
await Promise.all([submitAll(darkroom, task.again), submitAll(darkroom, task.fresh)]);
await untilIdle(darkroom);
say("idle");
await darkroom.stop();

async function submitAll(to: Darkroom, orders: Task["again"]): Promise<void> {
	const submit = async ({ owner, kind, order }: Task["again"][number]) => {
		try {
			const { id } = await to.submit(kind, { owner, input: order, idempotencyKey: order.key });
			say(`ack ${order.key} ${id}`);
		} catch (error) {
			if (!isDarkroomError(error)) throw error;
			say(`refused ${order.key} ${error.code}`);
		}
	};
	// A few at once, so that they share commits with each other and with the steps of those before.
	for (let i = 0; i < orders.length; i += 4) {
		await Promise.all(orders.slice(i, i + 4).map(submit));
		await turn();
	}
}

async function untilIdle(of: Darkroom): Promise<void> {
	for (const viewer of owners) {
		for (const kind of kinds) while ((await of.getActivity({ viewer, kind })).active > 0) await pause(20);
	}
}

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AppProcess } from "../../../testing/app-process.testsuite.ts";
import { freePort } from "../../../testing/postgres-server.testsuite.ts";
import { final, job, owner } from "../../suite/rig.testsuite.ts";
import { register, unique } from "./app.testsuite.ts";
import { type Task, threeSteps } from "./killed-app.testsuite.ts";
import type { ServerRig } from "./rig.testsuite.ts";

/** Processes that die, the app's and Inngest's own. `canKill`: whether the server is ours to kill. */
export function describeFaults(rig: ServerRig, canKill: boolean): void {
	test("an app that is killed in a step and started again finishes the job: no completed step again, one charge", async () => {
		const definition = threeSteps(unique("three"));
		const id = unique("app");
		const path = await rig.path();
		const port = await freePort();
		const task = { path, serverUrl: rig.server.url, id, kind: definition.kind, port };
		const watcher = await rig.open([definition], { id });
		await watcher.darkroom.grantCredits({ owner, amount: 5, key: "starter" });

		const first = start({ ...task, hangsIn: "b" });
		await first.app.isReady();
		await register(`http://127.0.0.1:${port}/api/inngest`);
		const hung = first.app.saysSo((line) => line === "b");
		const submitted = await watcher.darkroom.submit(definition, { owner, input: {} });
		await hung;
		expect(await first.app.kill()).toBe(true);

		const second = start({ ...task, hangsIn: null });
		const saidLast = second.app.saysSo((line) => line === "c");
		const done = await final(watcher, submitted);
		expect(done).toMatchObject({ status: "completed", output: { sum: 3 }, attempt: 1, charged: 1 });
		// What it has done may be known here before what it said.
		await saidLast;
		expect(first.said).toEqual(["ready", "a", "b"]);
		expect(second.said.filter((line) => line !== "ready")).toEqual(["b", "c"]);
		expect(await watcher.darkroom.getBalance(owner)).toEqual({ posted: 4, held: 0, available: 4 });
	});

	test("a server that is killed once it has taken the events, and knows nothing more, costs no job and no step twice", async ({
		skip,
	}) => {
		skip(!canKill, "The server was started by somebody else, and is not ours to kill.");
		const count = 20;
		const ran: string[] = [];
		const gate = Promise.withResolvers<void>();
		const kind = unique("lost");
		const lost = job(kind, async ({ job: { id }, step }) => {
			await step.run("a", () => void ran.push(`${id} a`));
			await step.run("b", async () => {
				await gate.promise;
				ran.push(`${id} b`);
			});
		});
		// As long as a machine that is busy elsewhere may keep this process from extending it, or a step would be done twice.
		const app = await rig.serve([lost], { engine: { lease: "8s", resendAfter: "1s" } });
		const jobs = await Promise.all(
			Array.from({ length: count }, () => app.darkroom.submit(kind, { owner, input: {} })),
		);
		await app.until(() => app.taken.flat().length >= count);
		await rig.server.restart?.();
		await register(app.url);
		gate.resolve();
		const done = await Promise.all(jobs.map((one) => final(app, one)));
		expect(done.map(({ status }) => status)).toEqual(Array(count).fill("completed"));
		expect(ran.sort()).toEqual(jobs.flatMap(({ id }) => [`${id} a`, `${id} b`]).sort());
	});
}

function start(task: Task): { readonly app: AppProcess; readonly said: string[] } {
	const said: string[] = [];
	const app = new AppProcess(join(import.meta.dirname, "killed-app.testsuite.ts"), task, (line) => said.push(line));
	onTestFinished(async () => void (await app.kill()));
	return { app, said };
}

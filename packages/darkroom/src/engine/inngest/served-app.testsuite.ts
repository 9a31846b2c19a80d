import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import { z } from "zod";
import { createDarkroom } from "../../create-darkroom.ts";
import { sqlite } from "../../store/sqlite/index.ts";
import type { StepContext } from "../context.ts";
import { defineJob } from "../define-job.ts";
import { owner } from "../suite/rig.testsuite.ts";
import { inngest, inngestHandlers } from "./index.ts";

/**
 * An app's process on Inngest, to be killed. Its task is its argument. Each line on stdin has it submit its one job. It says
 *
 *     port <n>        ready        at work: <step>
 *
 * and lives until it is asked to end (SIGTERM) or is killed.
 */
export interface ServedTask {
	readonly databasePath: string;
	readonly inngestUrl: string;
	/** 0: any. */
	readonly port: number;
	/** Each try of a step leaves a line here, on disk before the step goes on. */
	readonly effectsPath: string;
	/** While this file is not there, the second step stands still. */
	readonly gatePath: string;
}

const task = JSON.parse(process.argv[2] as string) as ServedTask;
const effects = openSync(task.effectsPath, "a");
const say = (line: string) => void process.stdout.write(`${line}\n`);

function leaveTrace({ name, attempt }: StepContext): string {
	writeSync(effects, `${name} ${attempt}\n`);
	fsyncSync(effects);
	return name;
}

const story = defineJob({
	kind: "story",
	input: z.object({}),
	output: z.array(z.string()),
	credits: { price: 5 },
	retry: { attempts: 1 },
	run: async ({ step }) => [
		await step.run("plan", leaveTrace),
		await step.run("write", async (context) => {
			const made = leaveTrace(context);
			if (!existsSync(task.gatePath)) await new Promise(() => {});
			return made;
		}),
		await step.run("draw", leaveTrace),
	],
});

const client = new Inngest({ id: "app", isDev: true, baseUrl: task.inngestUrl, eventKey: "key" });
const darkroom = createDarkroom({
	jobs: [story],
	store: sqlite(task.databasePath),
	engine: inngest({ client, sweepEvery: "100ms" }),
});
const app = createServer(serve(inngestHandlers(darkroom)));

process.once("SIGTERM", async () => {
	await darkroom.stop({ graceMs: 1_000 });
	app.closeAllConnections();
	app.close();
	closeSync(effects);
	process.exit(0);
});

await darkroom.start();
await darkroom.grantCredits({ owner, amount: 100, key: "starter" });
darkroom.watch({
	viewer: owner,
	cursor: 0,
	// What is shown is committed.
	onJob: ({ steps }) => {
		for (const step of steps) if (step.status === "running") say(`at work: ${step.name}`);
	},
	onEnd: () => {},
});
createInterface({ input: process.stdin }).on("line", () => {
	void darkroom.submit(story, { owner, input: {}, idempotencyKey: "the one" });
});
app.listen(task.port, "127.0.0.1", () => {
	say(`port ${(app.address() as AddressInfo).port}`);
	say("ready");
});

import { writeSync } from "node:fs";
import { z } from "zod";
import { defineJob } from "../../define-job.ts";
import { openApp } from "./app.testsuite.ts";

/**
 * An app's process that Inngest calls, and that is killed. It says `ready`, and the name of each step when it begins; in
 * the step that it hangs in it stays until it is killed.
 */
export interface Task {
	readonly path: string;
	readonly serverUrl: string;
	readonly id: string;
	readonly kind: string;
	readonly port: number;
	readonly hangsIn: string | null;
}

/** What it runs; submitted by another process of the same app. */
export function threeSteps(kind: string, begin: (name: string) => Promise<void> | void = () => {}) {
	return defineJob({
		kind,
		input: z.object({}),
		output: z.object({ sum: z.number() }),
		credits: { price: 1 },
		// A crash of the app is no failure of the step: one try has to do.
		retry: { attempts: 1 },
		async run({ step }) {
			let sum = 0;
			for (const name of ["a", "b", "c"]) {
				sum += await step.run(name, async () => {
					await begin(name);
					return 1;
				});
			}
			return { sum };
		},
	});
}

if (process.argv[1] === import.meta.filename) {
	const { kind, hangsIn, ...options } = JSON.parse(process.argv[2] as string) as Task;
	const say = (line: string) => void writeSync(1, `${line}\n`);
	const job = threeSteps(kind, (name) => {
		say(name);
		if (name === hangsIn) return new Promise<never>(() => {});
	});
	// Whoever started it is gone.
	process.stdin.resume().once("end", () => process.exit(0));
	await openApp({ ...options, jobs: [job] });
	say("ready");
}

import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { constant } from "../core/backoff.ts";
import { DarkroomError } from "../core/errors.ts";
import type { StepContext } from "../engine/context.ts";
import { type AnyJobDefinition, defineJob } from "../engine/define-job.ts";

/** What a job of any kind here is asked to do, so that the one who audits knows how it must end. */
export const orderSchema = z.object({ key: z.string(), fails: z.boolean(), flaky: z.boolean(), refused: z.number() });
export type Order = z.infer<typeof orderSchema>;

/** Credits by kind; a story costs one for each page delivered. */
export const prices = { picture: 2, nails: 3, story: 4 } as const;
export const kinds = Object.keys(prices) as (keyof typeof prices)[];

/**
 * Jobs whose steps do something to the world: each try appends a line to a file outside the database, on disk
 * before the step returns, as a provider would have its invoice.
 */
export function createJobs(effectsPath: string, say: (line: string) => void): AnyJobDefinition[] {
	const file = openSync(effectsPath, "a");
	process.once("exit", () => closeSync(file));

	async function work(jobId: string, { name, attempt }: StepContext): Promise<string> {
		writeSync(file, `${jobId} ${name} ${attempt}\n`);
		fsyncSync(file);
		say(`step ${jobId} ${name} ${attempt}`);
		// Some take a turn, some a while, so that a kill finds steps begun, done and being written.
		const waitMs = Math.floor(Math.random() * 12);
		if (waitMs > 3) await pause(waitMs - 3);
		return `${name} of ${jobId}`;
	}

	const common = {
		input: orderSchema,
		output: z.object({ delivered: z.number() }),
		retry: { attempts: 3, backoff: constant(20) },
		timeout: "1h",
		// Every kill is an attempt that ended without an answer.
		maxAttempts: 100_000,
	} as const;
	const refuse = () => new DarkroomError("moderated", { detail: "As ordered." });

	return [
		defineJob({
			...common,
			kind: "picture",
			credits: { price: prices.picture },
			async run({ input, job, step }) {
				await step.run("upload", (context) => work(job.id, context));
				await step.run("draw", async (context) => {
					await work(job.id, context);
					if (input.flaky && context.attempt === 1) throw new Error("As ordered.");
				});
				if (input.fails) throw refuse();
				await step.run("finalize", (context) => work(job.id, context));
				return { delivered: prices.picture };
			},
		}),
		defineJob({
			...common,
			kind: "nails",
			credits: { price: prices.nails, charge: "on-start" },
			limits: { runningPerOwner: 3 },
			async run({ input, job, step }) {
				for (const finger of ["thumb", "index", "ring"]) await step.run(finger, (context) => work(job.id, context));
				if (input.fails) throw refuse();
				return { delivered: prices.nails };
			},
		}),
		defineJob({
			...common,
			kind: "story",
			credits: { price: prices.story, capture: ({ output }) => output.delivered },
			async run({ input, job, step }) {
				const pages = [0, 1, 2, 3];
				const page = async (item: number, _: number, context: StepContext) => {
					await work(job.id, context);
					if (item < input.refused) throw refuse();
				};
				const settled = await step.map("page", pages, page, { settle: true, concurrency: 2 });
				await step.sleep("dry", "150ms");
				await step.run("bind", (context) => work(job.id, context));
				if (input.fails) throw refuse();
				return { delivered: settled.filter(({ ok }) => ok).length };
			},
		}),
	];
}

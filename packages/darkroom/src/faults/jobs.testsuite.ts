import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { constant } from "../core/backoff.ts";
import { DarkroomError } from "../core/errors.ts";
import type { StepContext } from "../engine/context.ts";
import { type AnyJobDefinition, defineJob } from "../engine/define-job.ts";

/** What a job of any kind here is asked to do, so that the one who audits knows how it must end. */
export const orderSchema = z.object({
	key: z.string(),
	fails: z.boolean(),
	flaky: z.boolean(),
	/** Pages of a story that the model refuses. */
	refused: z.number(),
	/** Which of its owner's covers is drawn. */
	cover: z.number(),
});
export type Order = z.infer<typeof orderSchema>;

/** The code of jobs has two versions, and a rolling restart runs both at once. */
export type Version = 1 | 2;

/** Credits by kind and version; a story costs one for each page delivered. */
export const prices = {
	picture: { 1: 2, 2: 5 },
	nails: { 1: 3, 2: 3 },
	story: { 1: 4, 2: 4 },
	cover: { 1: 1, 2: 2 },
	late: { 1: 1, 2: 1 },
	photo: { 1: 1, 2: 1 },
} as const satisfies Record<string, Record<Version, number>>;
export type Kind = keyof typeof prices;
export const kinds = Object.keys(prices) as Kind[];

/** Of an owner and kind, queued and running. */
export const activeLimits: Partial<Record<Kind, number>> = { cover: 2 };

export interface JobsOptions {
	/** Each try of a step appends a line here, outside the database. */
	readonly effectsPath: string;
	readonly version: Version;
	readonly say: (line: string) => void;
	/** When it was decided that what begins now may begin, by the machine's own clock, whatever this process takes for the time. */
	readonly decidedAt: () => number;
	/** While this file is not there, the first attempt of a `late` job stands still. */
	readonly gatePath: string;
	/** A picture for `photo` jobs to store. */
	readonly picture: Uint8Array | undefined;
}

export function createJobs(options: JobsOptions): AnyJobDefinition[] {
	const work = createWork(options);
	return [
		picture(options, work),
		nails(work),
		story(options, work),
		cover(options, work),
		late(options),
		photo(options),
	];
}

/**
 * Does something to the world: each try appends `<job> <step> <attempt> <decided at>` to a file outside the database, on
 * disk before the step returns, as a provider would have its invoice.
 */
type Work = (jobId: string, step: StepContext) => Promise<string>;

function createWork({ effectsPath, say, decidedAt }: JobsOptions): Work {
	const file = openSync(effectsPath, "a");
	process.once("exit", () => closeSync(file));
	return async (jobId, { name, attempt }) => {
		writeSync(file, `${jobId} ${name} ${attempt} ${decidedAt()}\n`);
		fsyncSync(file);
		say(`step ${jobId} ${name} ${attempt}`);
		// Some take a turn, some a while, so that a fault finds steps begun, done and being written.
		const waitMs = Math.floor(Math.random() * 12);
		if (waitMs > 3) await pause(waitMs - 3);
		return `${name} of ${jobId}`;
	};
}

const common = {
	input: orderSchema,
	output: z.object({ delivered: z.number(), madeBy: z.number().optional() }),
	retry: { attempts: 3, backoff: constant(20) },
	// Every kill is an attempt that ended without an answer, and a wrong clock makes time pass at once.
	timeout: "1h",
	queueTimeout: "1h",
	maxAttempts: 100_000,
} as const;

function refuse(): DarkroomError {
	return new DarkroomError("moderated", { detail: "As ordered." });
}

function picture({ version }: JobsOptions, work: Work): AnyJobDefinition {
	return defineJob({
		...common,
		kind: "picture",
		credits: { price: prices.picture[version] },
		async run({ input, job, step }) {
			// The next version looks at the input first, and draws before it uploads.
			if (version === 2) await step.run("check", (context) => work(job.id, context));
			const draw = () =>
				step.run("draw", async (context) => {
					await work(job.id, context);
					if (input.flaky && context.attempt === 1) throw new Error("As ordered.");
				});
			if (version === 2) await draw();
			await step.run("upload", (context) => work(job.id, context));
			if (version === 1) await draw();
			if (input.fails) throw refuse();
			await step.run("finalize", (context) => work(job.id, context));
			return version === 1 ? { delivered: 1 } : { delivered: 1, madeBy: 2 };
		},
	});
}

/** Paid at the start, and at most two of an owner run at a time. */
function nails(work: Work): AnyJobDefinition {
	return defineJob({
		...common,
		kind: "nails",
		credits: { price: prices.nails[1], charge: "on-start" },
		limits: { runningPerOwner: 2 },
		async run({ input, job, step }) {
			for (const finger of ["thumb", "index", "ring"]) await step.run(finger, (context) => work(job.id, context));
			if (input.fails) throw refuse();
			return { delivered: 1 };
		},
	});
}

/** Pages side by side, each charged for when it is delivered, and a wait in which the place is given away. */
function story({ version }: JobsOptions, work: Work): AnyJobDefinition {
	return defineJob({
		...common,
		kind: "story",
		credits: { price: prices.story[version], capture: ({ output }) => output.delivered },
		async run({ input, job, step }) {
			if (version === 2) await step.run("title", (context) => work(job.id, context));
			const page = async (item: number, _: number, context: StepContext) => {
				await work(job.id, context);
				if (item < input.refused) throw refuse();
			};
			const settled = await step.map("page", [0, 1, 2, 3], page, { settle: true, concurrency: 2 * version });
			await step.sleep("dry", "150ms");
			await step.run("bind", (context) => work(job.id, context));
			if (input.fails) throw refuse();
			return { delivered: settled.filter(({ ok }) => ok).length };
		},
	});
}

/** One at a time for each of an owner's covers, and two in all. */
function cover({ version }: JobsOptions, work: Work): AnyJobDefinition {
	return defineJob({
		...common,
		kind: "cover",
		credits: { price: prices.cover[version] },
		subject: (input) => `cover:${input.cover}`,
		limits: { activePerOwner: activeLimits.cover },
		async run({ input, job, step }) {
			await step.run("draw", (context) => work(job.id, context));
			if (input.fails) throw refuse();
			await step.run("finalize", (context) => work(job.id, context));
			return { delivered: 1 };
		},
	});
}

/** Its first attempt stands still, with all of its process, and then returns as if nothing had been. */
function late({ gatePath, say }: JobsOptions): AnyJobDefinition {
	return defineJob({
		...common,
		kind: "late",
		credits: { price: prices.late[1] },
		async run({ input, job, step, signal }) {
			signal.addEventListener("abort", () => say(`aborted ${job.id} ${signal.reason.code}`));
			const result = await step.run("stand-still", async () => {
				say(`step ${job.id} stand-still ${job.attempt}`);
				if (job.attempt > 1) return "in time";
				// A flaky one waits as a call of a model does, and for ever; any other does not let go of the process.
				if (input.flaky) return new Promise<string>(() => {});
				while (!existsSync(gatePath)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
				return "late";
			});
			return { delivered: result === "in time" ? 1 : 0 };
		},
	});
}

/** Stores a picture, and tries until the disk has room for it. */
function photo({ picture, say }: JobsOptions): AnyJobDefinition {
	return defineJob({
		...common,
		kind: "photo",
		output: z.object({ photo: z.string() }),
		credits: { price: prices.photo[1] },
		retry: { attempts: 10_000, backoff: constant(20) },
		async run({ job, step, assets }) {
			const kept = await step.run("save", async ({ attempt }) => {
				try {
					return await assets.save(picture ?? new Uint8Array());
				} catch (error) {
					say(`failed ${job.id} save ${attempt} ${(error as DarkroomError).code}`);
					throw error;
				}
			});
			return { photo: kept };
		},
	});
}

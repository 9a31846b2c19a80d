import { exponential } from "../core/backoff.ts";
import { DarkroomError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Schema } from "../core/schema.ts";
import type { RunContext } from "../engine/context.ts";
import { type AnyJobDefinition, defineJob } from "../engine/define-job.ts";
import type { Chance } from "../testing/chance.testsuite.ts";
import type { SimulatedProcess } from "./simulated-process.testsuite.ts";
import type { Witness } from "./witness.testsuite.ts";
import type { World } from "./world.testsuite.ts";

/** What a job does, decided when it is submitted: its code is pure, so every attempt does the same. */
export interface Plan {
	readonly parts: readonly Part[];
	/** The story it works on, for kinds with a subject. */
	readonly story: number;
	/** In credits, for kinds whose price the input decides. */
	readonly price: number;
}

type Part =
	| { readonly do: "step"; readonly name: string }
	| { readonly do: "map"; readonly name: string; readonly pages: number; readonly settle: boolean }
	| { readonly do: "sleep"; readonly name: string; readonly ms: number }
	| { readonly do: "progress"; readonly percent: number };

export function planJob(chance: Chance): Plan {
	const parts = Array.from({ length: chance.between(1, 4) }, (_, index): Part => {
		const what = chance.weighted({ step: 6, map: 2, sleep: 2, progress: 1 });
		if (what === "step") return { do: "step", name: `s${index}` };
		if (what === "sleep") return { do: "sleep", name: `z${index}`, ms: chance.between(50, 1_500) };
		if (what === "progress") return { do: "progress", percent: 10 * index };
		return { do: "map", name: `m${index}`, pages: chance.between(1, 3), settle: chance.is(0.7) };
	});
	return { parts, story: chance.below(2), price: chance.between(1, 6) };
}

/** What can happen to a step's code, and how often, in a hundred. */
const fates = { ok: 80, fails: 10, moderated: 2, throws: 3, hangs: 2, "hangs until aborted": 3 };

/** Anything goes in, and out. */
// biome-ignore lint/suspicious/noExplicitAny: what the kinds below say of their input would otherwise need a cast each
const anything: Schema<any, any> = {
	"~standard": { version: 1, vendor: "simulation", validate: (value) => ({ value }) },
};

/** A run of a job's code that has not come to its end. */
export interface Handler {
	readonly process: SimulatedProcess;
	readonly jobId: string;
	readonly leaseToken: string | null;
	readonly signal: AbortSignal;
}

export interface GeneratedJobsOptions {
	readonly world: World;
	readonly witness: Witness;
	readonly queueTimeoutMs: number;
	/** No step fails or hangs any more. */
	readonly isCalm: () => boolean;
}

/** The kinds of job that are simulated, each with other rules; what their runs do goes through the witness. */
export class GeneratedJobs {
	readonly definitions: readonly AnyJobDefinition[];
	/** Runs that hang, for ever or until they are aborted. */
	readonly hanging = new Set<Handler>();
	readonly #options: GeneratedJobsOptions;

	constructor(options: GeneratedJobsOptions) {
		this.#options = options;
		const rules = {
			input: anything,
			output: anything,
			retry: { attempts: 3, backoff: exponential("200ms") },
			timeout: "8s",
			queueTimeout: options.queueTimeoutMs,
			maxAttempts: 3,
			run: (context: RunContext<Plan>) => this.#run(context),
		} as const;
		this.definitions = [
			defineJob({ ...rules, kind: "draw", credits: { price: 2 } }),
			defineJob({
				...rules,
				kind: "pages",
				limits: { activePerOwner: 2, runningPerOwner: 1 },
				credits: {
					price: 4,
					capture: ({ output }) => deliveredOf(output.length),
					delivered: ({ results }) => deliveredOf(Object.keys(results).filter(isPage).length),
				},
			}),
			defineJob({
				...rules,
				kind: "story",
				limits: { runningPerOwner: 2 },
				subject: ({ story }) => `story:${story}`,
				staleAfter: "2s",
				credits: { price: ({ price }) => price, charge: "on-start" },
			}),
		];
	}

	async #run({ input, job, step, progress, signal }: RunContext<Plan>): Promise<unknown> {
		const { world, witness } = this.#options;
		const process = world.current as SimulatedProcess;
		// At run time it is the whole row; the lease is what tells one run of a job from another.
		const row = job as Job;
		const results: unknown[] = [];
		const work = (name: string) => this.#work({ process, jobId: row.id, leaseToken: row.leaseToken, signal }, name);
		const take = (name: string, result: unknown) => {
			if (process.isAlive) witness.stepReturned(row.id, name, result);
			results.push(result);
		};
		for (const part of input.parts) {
			if (part.do === "progress") progress(part.percent);
			else if (part.do === "sleep") await step.sleep(part.name, part.ms);
			else if (part.do === "step") take(part.name, await step.run(part.name, () => work(part.name)));
			else {
				const pages = Array.from({ length: part.pages }, (_, index) => `${part.name}:${index}`);
				const draw = (name: string) => work(name);
				if (part.settle) {
					const settled = await step.map(part.name, pages, draw, { concurrency: 2, settle: true });
					for (const [index, page] of settled.entries()) if (page.ok) take(pages[index] as string, page.value);
				} else {
					const drawn = await step.map(part.name, pages, draw, { concurrency: 2 });
					for (const [index, page] of drawn.entries()) take(pages[index] as string, page);
				}
			}
		}
		return results;
	}

	/** A step's code: it takes its time, and comes to the end that chance has for it. */
	#work(handler: Handler, name: string): unknown {
		const { world, witness, isCalm } = this.#options;
		const { process, jobId, leaseToken } = handler;
		if (!process.isAlive) return new Promise(() => {});
		witness.stepBegins(process, { id: jobId, leaseToken }, name);
		const fate = isCalm() ? "ok" : world.chance.weighted(fates);
		if (fate.startsWith("hangs")) return this.#hang(handler, fate !== "hangs");
		const end = () => {
			if (fate === "fails") throw new DarkroomError("outage", { detail: "The simulated model is away." });
			if (fate === "moderated") throw new DarkroomError("moderated", { detail: "The simulated model refuses this." });
			if (fate === "throws") throw new Error("A fault of the simulated app.");
			return `${name} #${world.events}`;
		};
		if (world.chance.is(0.3)) return end();
		const takesMs = world.chance.is(0.1) ? world.chance.below(2_500) : world.chance.below(300);
		return new Promise((resolve) => world.after(process, takesMs, () => resolve(undefined))).then(end);
	}

	#hang(handler: Handler, obeys: boolean): Promise<never> {
		this.hanging.add(handler);
		return new Promise((_, reject) => {
			handler.signal.addEventListener("abort", () => {
				this.hanging.delete(handler);
				if (obeys) reject(handler.signal.reason);
			});
		});
	}
}

/** Whether a step of this name makes something: a sleep does not. */
export function isPage(step: string): boolean {
	return !step.startsWith("z");
}

/** In credits, of a job of pages: one for each thing that it made. */
export function deliveredOf(made: number): number {
	return Math.min(4, made);
}

import { Inngest } from "inngest";
import { describe, expect, test } from "vitest";
import { createDarkroom } from "../../create-darkroom.ts";
import { sqlite } from "../../store/sqlite/index.ts";
import type { RunContext } from "../context.ts";
import { job, runToEnd } from "../suite/rig.testsuite.ts";
import { FaultRig } from "./fault-rig.testsuite.ts";
import { inngest, inngestHandlers } from "./index.ts";

const nothing = () => null;

describe("a definition becomes a function of Inngest", () => {
	const rig = FaultRig.use();

	async function registered(...jobs: Parameters<typeof rig.start>[0]["jobs"]) {
		const { server } = await rig.start({ jobs });
		return server.functions;
	}

	test("with its kind as id, its own event, its limits, its times and all that ends it", async () => {
		const story = job("generate-story", nothing, {
			limits: { runningPerOwner: 3, activePerOwner: 9 },
			priority: 5,
			timeout: "10m",
			queueTimeout: "2h",
			retry: { attempts: 7 },
		});
		const [fn, failed] = await registered(story);
		expect(fn?.config).toMatchObject({
			id: "tests-generate-story",
			triggers: [{ event: "darkroom/generate-story.requested" }],
			concurrency: { key: "event.data.owner", limit: 15 },
			priority: { run: "5" },
			// A minute after our own sweeper would have ended the job.
			timeouts: { start: "7260s", finish: "660s" },
			cancel: [{ event: "darkroom/generate-story.cancelled" }],
		});
		// How often a step is tried is not Inngest's to say: these are for an app that is away.
		expect(fn?.maxAttempts).toBe(21);
		expect(failed).toMatchObject({ id: "tests-generate-story-failure" });
		expect(failed?.triggers).toMatchObject([{ event: "inngest/function.failed" }]);
	});

	test("without limits of its owner and without priority where it has none", async () => {
		const [fn] = await registered(job("plain", nothing));
		expect(fn?.config).not.toHaveProperty("concurrency");
		expect(fn?.config).not.toHaveProperty("priority");
		expect(fn?.config).toMatchObject({ timeouts: { start: "86460s", finish: "360s" } });
	});

	test.each([
		[10_000, "600"],
		[-10_000, "-600"],
		[-7, "-7"],
	])("with a priority of %i as far as Inngest allows it", async (priority, run) => {
		const [fn] = await registered(job("plain", nothing, { priority }));
		expect(fn?.config).toMatchObject({ priority: { run } });
	});

	test("each of several, and one function more that hears of runs that Inngest has ended", async () => {
		const functions = await registered(job("draw", nothing), job("write", nothing));
		expect(functions.map(({ id }) => id)).toEqual([
			"tests-draw",
			"tests-draw-failure",
			"tests-write",
			"tests-write-failure",
			"tests-darkroom-run-ended",
		]);
		expect(functions.at(-1)?.triggers).toMatchObject([
			{ event: "inngest/function.cancelled" },
			{ event: "inngest/function.failed" },
		]);
	});
});

describe("the steps of a run", () => {
	const step = (context: RunContext<unknown>) => context.step.map("step", [1, 2, 3], (n) => n, { concurrency: 1 });

	describe.each([
		["one call", true, 1],
		["a call for each where the server knows no better", false, 4],
	])("follow each other", (how, checkpointing, calls) => {
		const rig = FaultRig.use({ checkpointing });

		test(`in ${how}`, async () => {
			const steps = job("steps", step);
			const process = await rig.start({ jobs: [steps] });
			expect(await runToEnd(process, steps)).toMatchObject({ status: "completed", output: [1, 2, 3] });
			expect(process.server.runs).toMatchObject([{ status: "completed", calls }]);
		});
	});

	describe.each([
		[undefined, 50_000],
		["20s", 20_000],
	] as const)("may take as long in one call", (maxRuntime, ms) => {
		const rig = FaultRig.use({ engine: { maxRuntime } });

		test(`as the app has said: ${maxRuntime ?? "nothing"}`, async () => {
			const { darkroom } = await rig.start({ jobs: [job("steps", step)] });
			const [fn] = inngestHandlers(darkroom).functions;
			// Each step is told before the next begins: more at a time, and a crash would let Inngest ask for them again.
			expect(fn?.opts.checkpointing).toEqual({ maxRuntime: ms, bufferedSteps: 1 });
		});
	});
});

test.each([
	["the function that hears of runs", ["darkroom-run-ended"]],
	["the function of another's failures", ["draw", "draw-failure"]],
])("a kind that is the name of %s is refused", (_, kinds) => {
	const client = new Inngest({ id: "tests", isDev: true });
	const jobs = kinds.map((kind) => job(kind, nothing));
	// Nothing opens it.
	const store = sqlite("functions.db");
	const darkroom = createDarkroom({ jobs, store, engine: inngest({ client }) });
	expect(() => inngestHandlers(darkroom)).toThrow(`no job's kind may be "${kinds.at(-1)}"`);
});

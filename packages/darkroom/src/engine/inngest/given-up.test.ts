import { describe, expect, test } from "vitest";
import { constant } from "../../core/backoff.ts";
import { RefusingStore } from "../suite/refusing-store.testsuite.ts";
import { final, job, owner, seen } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";

/** So quick that Inngest has used up its tries of a call long before the lease has run out. */
const backoffMs = () => 100;

describe("a run that Inngest has given up, since the app was not to be reached,", () => {
	const rig = FaultRig.use({ checkpointing: false, server: { backoffMs } });

	function twoSteps() {
		const ran: string[] = [];
		const story = job(
			"story",
			async ({ step }) => {
				for (const name of ["plan", "draw"]) await step.run(name, () => void ran.push(name));
			},
			{ credits: { price: 2 } },
		);
		return { story, ran };
	}

	/** A job whose first step is complete, and an app that cannot be reached from then on. */
	async function loseAppBetweenSteps() {
		const { story, ran } = twoSteps();
		const process = await rig.start({ jobs: [story] });
		const { darkroom, server } = process;
		const held = server.faults.holdCall(({ run }) => run.steps.length === 1);
		const { id } = await darkroom.submit(story, { owner, input: {} });
		await held.reached;
		rig.inngest.isReachable = false;
		held.release();
		return { process, id, ran };
	}

	test("in the middle fails its job with worker_lost, gives the hold back, and a retry skips what is complete", async () => {
		const { process, id, ran } = await loseAppBetweenSteps();
		const { darkroom, clock, server } = process;
		await clock.advance("2s");
		expect(server.runs).toMatchObject([
			{ status: "failed" },
			{ functionId: "tests-story-failure" },
			{ functionId: "tests-darkroom-run-ended" },
		]);
		expect(await now(process, { id })).toMatchObject({ status: "running" });
		rig.inngest.isReachable = true;
		await clock.advance("100ms");
		const failed = await final(process, { id });
		expect(failed).toMatchObject({ status: "failed", error: { code: "worker_lost", retryable: true }, charged: 0 });
		await expectCharged(process, 0);
		await darkroom.retryJob({ viewer: owner, jobId: id });
		await seen(process, ({ status }) => status === "completed");
		expect(ran).toEqual(["plan", "draw"]);
		await expectCharged(process, 2);
	});

	test("in the middle, and whose word of that did not arrive either, leaves the job to the lease", async () => {
		const { process, id, ran } = await loseAppBetweenSteps();
		const { clock, server } = process;
		await clock.advance("5s");
		expect(server.runs.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
		rig.inngest.isReachable = true;
		await clock.advance("40s");
		expect(await now(process, { id })).toMatchObject({ status: "completed", attempt: 2 });
		expect(ran).toEqual(["plan", "draw"]);
		await expectCharged(process, 2);
	});

	test("before it began is none of the job's failures: its event is sent anew, as another one", async () => {
		const { story, ran } = twoSteps();
		const process = await rig.start({ jobs: [story] });
		const { darkroom, clock, server } = process;
		rig.inngest.isReachable = false;
		const { id } = await darkroom.submit(story, { owner, input: {} });
		await clock.advance("2s");
		expect(server.runs).toMatchObject([
			{ status: "failed" },
			{ functionId: "tests-story-failure" },
			{ functionId: "tests-darkroom-run-ended" },
		]);
		rig.inngest.isReachable = true;
		await clock.advance("1s");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		const ids = new Set(server.events.map((event) => event.id));
		expect(ids.size).toBe(2);
		expect(ran).toEqual(["plan", "draw"]);
		await expectCharged(process, 2);
	});
});

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("a run that Inngest has given up, since it was told to come again each time, %s,", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing, engine: { lease: "5m" } });

	test("for the long waits of one step, is followed by another, until that step has had all of its own tries", async () => {
		const [plans, tries]: [number[], number[]] = [[], []];
		const story = job(
			"story",
			async ({ step }) => {
				await step.run("plan", ({ attempt }) => void plans.push(attempt));
				await step.run("draw", ({ attempt }) => {
					tries.push(attempt);
					if (attempt < 25) throw new Error("not yet");
				});
			},
			{ credits: { price: 2 }, timeout: "1h", retry: { attempts: 25, backoff: constant("6s") } },
		);
		const process = await rig.start({ jobs: [story] });
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await process.clock.advance("5m");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		expect(tries).toEqual(Array.from({ length: 25 }, (_, before) => before + 1));
		expect(plans).toEqual([1]);
		expect(process.server.runs.map(({ status }) => status)).toEqual(["completed", "completed"]);
		await expectCharged(process, 2);
	});

	test("by a database that was away before it could begin, is followed by another soon after", async () => {
		const story = job("story", ({ step }) => step.run("plan", () => "planned"), { credits: { price: 2 } });
		const refusing = new RefusingStore();
		const process = await rig.start({ jobs: [story], store: refusing.between });
		const held = process.server.faults.holdCall();
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await held.reached;
		refusing.isAway = true;
		held.release();
		await process.clock.advance("2m");
		expect(process.server.runs.map(({ status }) => status)).toEqual(["failed", "failed", "sleeping"]);
		refusing.isAway = false;
		await process.clock.advance("1m");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		await expectCharged(process, 2);
	});

	test("by a database that was away, leaves the job to its lease, and another goes on with it", async () => {
		const ran: string[] = [];
		const story = job(
			"story",
			async ({ step }) => {
				await step.run("plan", () => void ran.push("plan"));
				await step.sleep("a while", "1s");
				await step.run("draw", () => void ran.push("draw"));
			},
			{ credits: { price: 2 }, timeout: "1h" },
		);
		const refusing = new RefusingStore(["beginRun"]);
		const process = await rig.start({ jobs: [story], store: refusing.between });
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await seen(process, ({ steps }) => steps.length === 2);
		refusing.isAway = true;
		await process.clock.advance("2m");
		refusing.isAway = false;
		expect(process.server.runs.find(({ functionId }) => functionId === "tests-story")).toMatchObject({
			status: "failed",
		});
		expect(await now(process, { id })).toMatchObject({ status: "running" });
		await process.clock.advance("5m");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 2 });
		expect(ran).toEqual(["plan", "draw"]);
		await expectCharged(process, 2);
	});
});

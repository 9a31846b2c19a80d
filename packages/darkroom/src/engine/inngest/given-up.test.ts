import { describe, expect, test } from "vitest";
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
		expect(server.runs).toMatchObject([{ status: "failed" }, { functionId: "tests-story-failure" }]);
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
		expect(server.runs.map(({ status }) => status)).toEqual(["failed", "failed"]);
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
		expect(server.runs).toMatchObject([{ status: "failed" }, { functionId: "tests-story-failure" }]);
		rig.inngest.isReachable = true;
		await clock.advance("1s");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		const ids = new Set(server.events.map((event) => event.id));
		expect(ids.size).toBe(2);
		expect(ran).toEqual(["plan", "draw"]);
		await expectCharged(process, 2);
	});
});

import { describe, expect, test } from "vitest";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { final, job, owner, type Process, runToEnd, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { priced, threeSteps } from "./three-steps.testsuite.ts";

describe("a run that is begun for a job", () => {
	const rig = FaultRig.use();

	/** Begins another run for the job, by an event that nobody of ours has sent; gives what the run came to. */
	async function beginAnother({ server }: { readonly server: InngestServer }, jobId: string, id = `${jobId}.777`) {
		await rig.send({ name: "darkroom/story.requested", id, data: { jobId, owner }, ts: 1 });
		const run = server.runs.at(-1);
		await server.until(() => run?.isOver === true);
		return { status: run?.status, output: run?.output, calls: run?.calls };
	}
	const nothingToDo = (reason: string) => ({ status: "completed", output: { nothingToDo: reason }, calls: 1 });

	test("that is completed does nothing and ends: no step again, no second charge", async () => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		const { id, version } = await runToEnd(process, story);
		expect(await beginAnother(process, id)).toEqual(nothingToDo("final"));
		expect(ran).toEqual(["plan", "write", "draw"]);
		expect((await now(process, { id })).version).toBe(version);
		await expectCharged(process, 2);
	});

	test("that is cancelled does nothing and ends", async () => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		process.server.faults.events = "lost";
		const { id: jobId } = await process.darkroom.submit(story, { owner, input: {} });
		await rig.settle();
		await process.darkroom.cancelJob({ viewer: owner, jobId });
		await rig.settle();
		process.server.faults.events = "taken";
		expect(await beginAnother(process, jobId)).toEqual(nothingToDo("final"));
		expect(ran).toEqual([]);
		await expectCharged(process, 0);
	});

	test("that another run has does nothing and ends, and that one goes on", async () => {
		const begun = signal();
		const goOn = signal();
		let tries = 0;
		const story = job(
			"story",
			({ step }) =>
				step.run("draw", () => {
					tries++;
					begun.resolve();
					return goOn.promise;
				}),
			priced,
		);
		const process = await rig.start({ jobs: [story] });
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await begun.promise;
		expect(await beginAnother(process, id)).toEqual(nothingToDo("held"));
		goOn.resolve();
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		expect(tries).toBe(1);
		await expectCharged(process, 2);
	});

	test("that sleeps in another run does nothing and ends, and that one wakes it at its time", async () => {
		const ended = signal<number>();
		const story = job("story", async ({ step }) => {
			await step.sleep("nap", "1m");
			ended.resolve(process.clock.now());
		});
		const process: Process & { readonly server: InngestServer } = await rig.start({ jobs: [story] });
		const startedAt = process.clock.now();
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await rig.settle();
		expect(await beginAnother(process, id)).toEqual(nothingToDo("waits"));
		await process.clock.advance("1m");
		expect((await ended.promise) - startedAt).toBe(60_000);
	});

	test("that waits for a later event's run does nothing and ends", async () => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		process.server.faults.events = "lost";
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await rig.settle();
		process.server.faults.events = "taken";
		expect(await beginAnother(process, id, `${id}.0`)).toEqual(nothingToDo("superseded"));
		expect(ran).toEqual([]);
		await process.clock.advance("10s");
		expect(await now(process, { id })).toMatchObject({ status: "completed" });
	});

	test("that is not there does nothing and ends", async () => {
		const { story } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		expect(await beginAnother(process, "x".repeat(22))).toEqual(nothingToDo("unknown"));
	});
});

import { describe, expect, test } from "vitest";
import { final, job, owner, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("a process that is stopped, %s,", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing });

	/** A job whose second step takes as long as the test wishes in the first process, and no time in any other. */
	function longStep() {
		const tries: number[] = [];
		const ran: string[] = [];
		const [begun, goOn, aborted] = [signal(), signal(), signal<unknown>()];
		const story = job(
			"story",
			async ({ step, signal: running }) => {
				await step.run("plan", () => void ran.push("plan"));
				await step.run("write", async ({ attempt }) => {
					tries.push(attempt);
					if (tries.length > 1) return;
					running.addEventListener("abort", () => aborted.resolve(running.reason));
					begun.resolve();
					await goOn.promise;
				});
				await step.run("draw", () => void ran.push("draw"));
			},
			{ credits: { price: 2 }, retry: { attempts: 1 } },
		);
		return { story, tries, ran, begun: begun.promise, goOn: () => goOn.resolve(), aborted: aborted.promise };
	}

	test("waits its grace for a step at work; then another process does it anew, at no cost of an attempt", async () => {
		const work = longStep();
		const first = await rig.start({ jobs: [work.story] });
		const { id } = await first.darkroom.submit(work.story, { owner, input: {} });
		await work.begun;
		let hasStopped = false;
		const stopped = first.darkroom.stop({ graceMs: 5_000 }).then(() => {
			hasStopped = true;
		});
		await first.clock.advance("4s");
		expect(hasStopped).toBe(false);
		expect(await now(first, { id })).toMatchObject({ status: "running", attempt: 1 });
		const second = await rig.start({ jobs: [work.story], clock: first.clock });
		await first.clock.advance("1s");
		await stopped;
		expect(await work.aborted).toMatchObject({ code: "stopped" });
		await first.clock.advance("2s");
		expect(await final(second, { id })).toMatchObject({ status: "completed", attempt: 1 });
		expect(work.tries).toEqual([1, 1]);
		expect(work.ran).toEqual(["plan", "draw"]);
		expect(second.server.runs).toHaveLength(1);
		await expectCharged(second, 2);
	});

	test("has a step that ends within its grace recorded, and it is not done again", async () => {
		const work = longStep();
		const first = await rig.start({ jobs: [work.story] });
		const { id } = await first.darkroom.submit(work.story, { owner, input: {} });
		await work.begun;
		const stopped = first.darkroom.stop({ graceMs: 5_000 });
		const second = await rig.start({ jobs: [work.story], clock: first.clock });
		work.goOn();
		await stopped;
		await first.clock.advance("1m");
		expect(await final(second, { id })).toMatchObject({ status: "completed" });
		expect(work.tries).toEqual([1]);
		expect(work.ran).toEqual(["plan", "draw"]);
		await expectCharged(second, 2);
	});

	test("takes on nothing meanwhile: what it is called for is asked for again a second later, elsewhere", async () => {
		const work = longStep();
		const ran: string[] = [];
		const draw = job("draw", ({ input }) => void ran.push(input as string));
		const jobs = [work.story, draw];
		const other = await rig.start({ jobs });
		// The one that was opened last is called.
		const stopping = await rig.start({ jobs, clock: other.clock });
		await stopping.darkroom.submit(work.story, { owner, input: {} });
		await work.begun;
		const stopped = stopping.darkroom.stop({ graceMs: 5_000 });
		const { id } = await other.darkroom.submit(draw, { owner, input: "late" });
		await other.clock.advance("3s");
		expect(ran).toEqual([]);
		expect(await now(other, { id })).toMatchObject({ status: "queued" });
		work.goOn();
		await stopped;
		await stopping.crash();
		await other.clock.advance("1s");
		expect(await final(other, { id })).toMatchObject({ status: "completed", attempt: 1 });
		expect(ran).toEqual(["late"]);
	});
});

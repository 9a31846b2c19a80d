import { describe, expect, test } from "vitest";
import type { Store } from "../../store/store.ts";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { final, job, owner, type Process, runToEnd, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { skipSdkWaits } from "./sdk-waits.testsuite.ts";

type Call = InngestServer["calls"][number];

skipSdkWaits();

const priced = { credits: { price: 2 } };

/** Three steps, of which it is noted how often each ran. */
function threeSteps() {
	const ran: string[] = [];
	const note = (name: string) => () => {
		ran.push(name);
		return name;
	};
	const story = job(
		"story",
		async ({ step }) => {
			const made: string[] = [];
			for (const name of ["plan", "write", "draw"]) made.push(await step.run(name, note(name)));
			return made;
		},
		priced,
	);
	return { story, ran };
}

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

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("calls of a run %s", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing });
	const is = (at: number) => {
		let count = 0;
		return (_: Call) => count++ === at;
	};

	async function expectOnce(process: Process, id: string, ran: readonly string[]) {
		expect(ran).toEqual(["plan", "write", "draw"]);
		const done = await now(process, { id });
		expect(done).toMatchObject({ status: "completed", attempt: 1, output: ["plan", "write", "draw"] });
		expect(done.steps.map(({ name, attempts }) => [name, attempts])).toEqual(ran.map((name) => [name, 1]));
		await expectCharged(process, 2);
	}

	test.each([0, 1, 2, 3])("that come twice at once run their step once: the one at %i", async (at) => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		process.server.faults.duplicateCall(is(checkpointing ? 0 : at));
		const { id } = await runToEnd(process, story);
		await process.server.idle();
		await expectOnce(process, id, ran);
	});

	test("that come twice while the step takes its time wait for its one result", async () => {
		const begun = signal();
		const goOn = signal();
		let tries = 0;
		const story = job(
			"story",
			({ step }) =>
				step.run("draw", async () => {
					tries++;
					begun.resolve();
					await goOn.promise;
					return "drawn";
				}),
			priced,
		);
		const process = await rig.start({ jobs: [story] });
		process.server.faults.duplicateCall();
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await begun.promise;
		await process.server.until(() => process.server.calls.length === 2);
		await rig.settle();
		goOn.resolve();
		const done = await final(process, { id });
		await process.server.idle();
		expect(tries).toBe(1);
		expect(done).toMatchObject({ status: "completed", output: "drawn" });
		await expectCharged(process, 2);
	});

	test("of which one has looked before the other's step was recorded run that step once", async () => {
		const { story, ran } = threeSteps();
		const looked = signal();
		let looks = 0;
		/** The second look is answered as it was, but only when the first call's step is recorded. */
		const store = (own: Store): Store => {
			const recorded = signal();
			return {
				...own,
				beginRun: async (begin) => {
					const isSecond = ++looks === 2;
					const begun = await own.beginRun(begin);
					if (looks === 2) looked.resolve();
					if (isSecond) await recorded.promise;
					return begun;
				},
				completeStep: async (step) => {
					await looked.promise;
					await own.completeStep(step);
					setImmediate(() => recorded.resolve());
				},
			};
		};
		const process = await rig.start({ jobs: [story], store });
		process.server.faults.duplicateCall();
		const { id } = await runToEnd(process, story);
		await process.server.idle();
		await expectOnce(process, id, ran);
	});

	test.each([0, 1, 2, 3])(
		"whose answer is lost after its step was recorded run nothing again: the one at %i",
		async (at) => {
			const { story, ran } = threeSteps();
			const process = await rig.start({ jobs: [story] });
			process.server.faults.loseAnswer(is(checkpointing ? 0 : at));
			const { id } = await runToEnd(process, story);
			await process.server.idle();
			await expectOnce(process, id, ran);
		},
	);

	test("whose checkpoints are all lost, and then the answer too, run nothing again", async () => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		process.server.faults.checkpoints = "refused";
		process.server.faults.loseAnswer();
		process.server.faults.loseAnswer(is(1));
		const { id } = await runToEnd(process, story);
		await process.server.idle();
		await expectOnce(process, id, ran);
	});

	test("that come once more, in any order, when the run has long ended run nothing and change nothing", async () => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		const { id, version } = await runToEnd(process, story);
		await process.server.idle();
		for (const call of [...process.server.calls].reverse()) {
			expect((await call.again()).status).toBeLessThan(300);
		}
		await rig.settle();
		await expectOnce(process, id, ran);
		expect((await now(process, { id })).version).toBe(version);
	});

	test("that come once more while a later step is at work run none again", async () => {
		const ran: string[] = [];
		const begun = signal();
		const goOn = signal();
		const story = job(
			"story",
			async ({ step }) => {
				await step.run("plan", () => void ran.push("plan"));
				await step.run("write", () => void ran.push("write"));
				await step.run("draw", async () => {
					ran.push("draw");
					begun.resolve();
					await goOn.promise;
				});
			},
			priced,
		);
		const process = await rig.start({ jobs: [story] });
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await begun.promise;
		const late = process.server.calls.map((call) => call.again());
		await rig.settle();
		goOn.resolve();
		await Promise.all(late);
		await process.server.idle();
		expect(ran).toEqual(["plan", "write", "draw"]);
		expect(await now(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		await expectCharged(process, 2);
	});

	test("that are late by minutes find the job where it was, or with another run", async () => {
		const { story, ran } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		process.server.faults.delayCall(180_000, is(checkpointing ? 0 : 2));
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await process.clock.advance("4m");
		expect(ran).toEqual(["plan", "write", "draw"]);
		expect(await now(process, { id })).toMatchObject({ status: "completed" });
		await expectCharged(process, 2);
	});
});

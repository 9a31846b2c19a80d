import { describe, expect, test } from "vitest";
import type { Store } from "../../store/store.ts";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { final, job, leaseMs, owner, type Process, runToEnd, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { setSdkWaits, skipSdkWaits } from "./sdk-waits.testsuite.ts";
import { priced, threeSteps } from "./three-steps.testsuite.ts";

type Call = InngestServer["calls"][number];

skipSdkWaits();

const slow = FaultRig.use();

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

	test("whose answer is lost, and that reach another process then, run nothing again", async () => {
		const { story, ran } = threeSteps();
		const first = await rig.start({ jobs: [story] });
		const { server, clock } = first;
		server.faults.loseAnswer();
		const held = server.faults.holdCall(() => server.calls.length === 1);
		const { id } = await first.darkroom.submit(story, { owner, input: {} });
		await held.reached;
		const second = await rig.start({ jobs: [story], clock });
		held.release();
		await server.idle();
		await final(second, { id });
		await expectOnce(second, id, ran);
	});

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

test("a call that was taken for left, and only waited long for Inngest, keeps its job when it goes on", async () => {
	const begun = signal();
	const goOn = signal();
	let tries = 0;
	const story = job(
		"story",
		async ({ step }) => {
			await step.run("plan", () => "planned");
			await step.run("draw", async () => {
				tries++;
				begun.resolve();
				await goOn.promise;
			});
		},
		priced,
	);
	const process = await slow.start({ jobs: [story] });
	const { darkroom, clock, server } = process;
	const waits = signal();
	const takes = signal();
	setSdkWaits((over) => {
		waits.resolve();
		void takes.promise.then(over);
	});
	server.faults.checkpoints = "refused";
	const { id } = await darkroom.submit(story, { owner, input: {} });
	await waits.promise;
	await clock.advance(leaseMs / 2);
	server.faults.checkpoints = "taken";
	takes.resolve();
	await begun.promise;
	await clock.advance(2 * leaseMs);
	goOn.resolve();
	expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
	expect(tries).toBe(1);
	expect(server.runs).toHaveLength(1);
	await expectCharged(process, 2);
});

import { describe, expect, test } from "vitest";
import { DarkroomError } from "../../core/errors.ts";
import { job, owner } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { priced, threeSteps } from "./three-steps.testsuite.ts";

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("an answer that is lost after the step was recorded, %s,", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing });
	const letters = ["a", "b", "c"];

	/** Of the call for a step that was found beside others, as Inngest makes them once it knows several. */
	async function loseAnswerOfStep(definition: ReturnType<typeof job>) {
		const process = await rig.start({ jobs: [definition] });
		process.server.faults.loseAnswer(({ stepId }) => stepId !== "step");
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		await process.clock.advance("1m");
		expect(process.server.runs.map(({ status }) => status)).toEqual(["completed"]);
		return { process, job: await now(process, { id }) };
	}

	test("of one item of a map, costs the job neither an attempt nor time, and the item is not done again", async () => {
		const ran: string[] = [];
		const story = job(
			"story",
			async ({ step }) => {
				const pages = await step.map("page", letters, (letter) => {
					ran.push(letter);
					return letter;
				});
				return step.run("bind", () => pages.join(""));
			},
			priced,
		);
		const { process, job: done } = await loseAnswerOfStep(story);
		expect(done).toMatchObject({ status: "completed", output: "abc", attempt: 1 });
		expect(ran.sort()).toEqual(letters);
		await expectCharged(process, 2);
	});

	test("of an item that has failed for good, leaves it failed, for its own reason", async () => {
		const ran: string[] = [];
		const story = job(
			"story",
			async ({ step }) => {
				const pages = await step.map(
					"page",
					letters,
					(letter) => {
						ran.push(letter);
						throw new DarkroomError("moderated", { detail: `Not ${letter}.` });
					},
					{ settle: true },
				);
				return step.run("bind", () => pages.map((page) => !page.ok && [page.error.code, page.error.message]));
			},
			priced,
		);
		const { job: done } = await loseAnswerOfStep(story);
		const reasons = letters.map((letter) => ["moderated", `Not ${letter}.`]);
		expect(done).toMatchObject({ status: "completed", output: reasons, attempt: 1 });
		expect(ran.sort()).toEqual(letters);
	});

	test("of the look that found an operation done, does not look again", async () => {
		const looks: string[] = [];
		const film = job(
			"film",
			({ step }) => {
				const render = (name: string) =>
					step.operation(name, {
						start: () => name,
						check: () => {
							looks.push(name);
							return { done: true as const, value: `${name} is done` };
						},
					});
				return Promise.all(letters.map(render));
			},
			priced,
		);
		const process = await rig.start({ jobs: [film] });
		process.server.faults.loseAnswer(({ run }) => run.steps.some(({ name }) => name?.includes("check") ?? false));
		const { id } = await process.darkroom.submit(film, { owner, input: {} });
		await process.clock.advance("1m");
		const output = letters.map((letter) => `${letter} is done`);
		expect(await now(process, { id })).toMatchObject({ status: "completed", output, attempt: 1 });
		expect(looks.sort()).toEqual(letters);
	});

	test("none: a job that has ended leaves no call behind that speaks of a lost lease", async () => {
		const { story } = threeSteps();
		const process = await rig.start({ jobs: [story] });
		const { id } = await process.darkroom.submit(story, { owner, input: {} });
		await process.clock.advance("2m");
		expect(await now(process, { id })).toMatchObject({ status: "completed" });
		expect(process.logged.map(({ message }) => message)).not.toContain("job aborted");
	});
});

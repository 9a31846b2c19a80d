import { describe, expect, test } from "vitest";
import { constant } from "../../core/backoff.ts";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import type { RunContext } from "../context.ts";
import { final, job, leaseMs, owner, type Process, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { skipSdkWaits } from "./sdk-waits.testsuite.ts";

/** How much later than Inngest our own sweeper wakes a job that waits there, and how long it may take to look. */
const leadMs = 16_000;

skipSdkWaits();

/** Loses the run that is there, with all that Inngest knew of it. */
function forget({ server }: { readonly server: InngestServer }): void {
	server.forget(server.runs.at(-1)?.id ?? "");
}

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("a run that Inngest has forgotten, %s", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing });
	const ran: string[] = [];

	function story(middle: (context: RunContext<unknown>) => Promise<unknown>) {
		ran.length = 0;
		const run = async (context: RunContext<unknown>) => {
			await context.step.run("plan", () => void ran.push("plan"));
			await middle(context);
			await context.step.run("draw", () => void ran.push("draw"));
		};
		return job("story", run, { credits: { price: 2 }, retry: { attempts: 2, backoff: constant(60_000) } });
	}

	async function expectGoesOn(process: Process & { readonly server: InngestServer }, id: string, within: number) {
		await process.clock.advance(within);
		expect(await final(process, { id })).toMatchObject({ status: "completed" });
		expect(process.server.runs.map(({ status }) => status)).toEqual(["forgotten", "completed"]);
		const [first, second] = process.server.runs.map(({ event }) => event.id);
		expect(first).not.toBe(second);
		await expectCharged(process, 2);
	}

	test("while a step is at work: that step is recorded, and the job goes on in a new run after its lease", async () => {
		const begun = signal();
		const goOn = signal();
		let tries = 0;
		const definition = story(({ step }) =>
			step.run("write", async () => {
				tries++;
				begun.resolve();
				await goOn.promise;
			}),
		);
		const process = await rig.start({ jobs: [definition] });
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		await begun.promise;
		forget(process);
		// As long as it is at work, nobody else may have the job.
		await process.clock.advance(2 * leaseMs);
		expect(await now(process, { id })).toMatchObject({ status: "running", attempt: 1 });
		goOn.resolve();
		await rig.settle();
		await expectGoesOn(process, id, 2 * leaseMs);
		expect(ran).toEqual(["plan", "draw"]);
		expect(tries).toBe(1);
	});

	test("asleep: our own sweeper wakes the job, a little later, and a new run skips what is complete", async () => {
		const definition = story(({ step }) => step.sleep("nap", "1m"));
		const process = await rig.start({ jobs: [definition] });
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		await process.clock.advance("10s");
		forget(process);
		await process.clock.advance("50s");
		expect(await now(process, { id })).toMatchObject({ status: "queued" });
		await expectGoesOn(process, id, leadMs);
		expect(ran).toEqual(["plan", "draw"]);
	});

	test("in the wait after a failed try: the next try comes a little later, under its own number", async () => {
		const tries: number[] = [];
		const definition = story(({ step }) =>
			step.run("write", ({ attempt }) => {
				tries.push(attempt);
				if (attempt === 1) throw new Error("not yet");
			}),
		);
		const process = await rig.start({ jobs: [definition] });
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		await process.clock.advance("10s");
		forget(process);
		await process.clock.advance("50s");
		expect(tries).toEqual([1]);
		await expectGoesOn(process, id, leadMs);
		expect(ran).toEqual(["plan", "draw"]);
		expect(tries).toEqual([1, 2]);
	});
});

describe("a run that Inngest has forgotten", () => {
	const rig = FaultRig.use({ checkpointing: false });
	const draw = (ran: string[]) =>
		job(
			"draw",
			async ({ step }) => {
				for (const name of ["plan", "draw"]) await step.run(name, () => void ran.push(name));
			},
			{ credits: { price: 2 }, queueTimeout: "30m" },
		);

	test("between two steps: after its lease the job goes on in a new run, and skips what is complete", async () => {
		const ran: string[] = [];
		const definition = draw(ran);
		const process = await rig.start({ jobs: [definition] });
		const held = process.server.faults.holdCall(({ run }) => run.steps.length === 1);
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		await held.reached;
		forget(process);
		await process.clock.advance(leaseMs - 1_000);
		expect(ran).toEqual(["plan"]);
		await process.clock.advance("15s");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 2 });
		expect(ran).toEqual(["plan", "draw"]);
		expect(process.server.runs.map(({ status }) => status)).toEqual(["forgotten", "completed"]);
		await expectCharged(process, 2);
	});

	test("before it began, though it still knows the event: the event is sent under another id in the end", async () => {
		const ran: string[] = [];
		const definition = draw(ran);
		const process = await rig.start({ jobs: [definition] });
		const held = process.server.faults.holdCall();
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		await held.reached;
		forget(process);
		await process.clock.advance("7m");
		expect(await now(process, { id })).toMatchObject({ status: "queued" });
		expect(new Set(process.server.events.map((event) => event.id)).size).toBe(1);
		await process.clock.advance("2m");
		expect(await final(process, { id })).toMatchObject({ status: "completed", attempt: 1 });
		expect(process.server.runs.map(({ status }) => status)).toEqual(["forgotten", "completed"]);
		expect(ran).toEqual(["plan", "draw"]);
		await expectCharged(process, 2);
	});
});

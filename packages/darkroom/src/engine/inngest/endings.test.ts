import { beforeEach, describe, expect, test } from "vitest";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { final, job, owner, type Process, seen, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { skipSdkWaits } from "./sdk-waits.testsuite.ts";

type Started = Process & { readonly server: InngestServer };

skipSdkWaits();

/** A job of two pages, the second of which takes as long as the test wishes, and costs what was drawn. */
function twoPages(rest: Parameters<typeof job>[2] = {}) {
	const ran: string[] = [];
	const [begun, goOn, aborted] = [signal(), signal(), signal<unknown>()];
	const story = job(
		"story",
		async ({ step, signal: running }) => {
			await step.run("page-1", () => void ran.push("page-1"));
			await step.run("page-2", async () => {
				ran.push("page-2");
				running.addEventListener("abort", () => aborted.resolve(running.reason));
				begun.resolve();
				await goOn.promise;
			});
		},
		{ credits: { price: 4, delivered: ({ results }) => Object.keys(results).length }, ...rest },
	);
	return { story, ran, begun: begun.promise, goOn: () => goOn.resolve(), aborted: aborted.promise };
}
type TwoPages = ReturnType<typeof twoPages>;

/** A run of Inngest's in each state that it can be ended in, and what has been delivered by then. */
const states = ["running", "asleep", "queued"] as const;
type State = (typeof states)[number];

interface Brought {
	readonly process: Started;
	readonly id: string;
	/** Its steps, as they run. */
	readonly ran: readonly string[];
}

const delivered: Record<State, number> = { running: 1, asleep: 1, queued: 0 };

const sleepy = (ran: string[], rest: Parameters<typeof job>[2] = {}) =>
	job(
		"story",
		async ({ step }) => {
			await step.run("page-1", () => void ran.push("page-1"));
			await step.sleep("nap", "20s");
			await step.run("page-2", () => void ran.push("page-2"));
		},
		{
			credits: { price: 4, delivered: ({ results }) => Object.keys(results).filter((name) => name !== "nap").length },
			...rest,
		},
	);

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("a job, %s", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing });
	let work: TwoPages;
	beforeEach(() => {
		work = twoPages();
	});

	/** A job whose run is in this state, in a process of its own. */
	async function bring(state: State, rest: Parameters<typeof job>[2] = {}): Promise<Brought> {
		const ran: string[] = [];
		const definition = state === "asleep" ? sleepy(ran, rest) : work.story;
		const process = await rig.start({ jobs: [definition] });
		const held = state === "queued" ? process.server.faults.holdCall() : undefined;
		const { id } = await process.darkroom.submit(definition, { owner, input: {} });
		if (state === "running") await work.begun;
		await held?.reached;
		await process.clock.advance("1s");
		return { process, id, ran: state === "asleep" ? ran : work.ran };
	}

	async function expectStays({ darkroom, server }: Started, jobId: string, version: number): Promise<void> {
		await server.idle();
		await rig.settle();
		expect((await darkroom.getJob({ viewer: owner, jobId })).version).toBe(version);
	}

	/** Charged for what was delivered, and over: whatever its run still does, nothing comes of it. */
	async function expectCancelled({ process, id, ran }: Brought, state: State, version: number): Promise<void> {
		if (state === "running") expect(await work.aborted).toMatchObject({ code: "cancelled" });
		await expectCharged(process, delivered[state]);
		const before = [...ran];
		work.goOn();
		await process.clock.advance("40s");
		expect(ran).toEqual(before);
		await expectStays(process, id, version);
	}

	test("whose run is never called again ends at its deadline by our own sweeper, and late steps bounce", async () => {
		work = twoPages({ timeout: "1m" });
		const { process, id } = await bring("running");
		process.server.forget(process.server.runs[0]?.id ?? "");
		await process.clock.advance("58s");
		expect(await now(process, { id })).toMatchObject({ status: "running" });
		await process.clock.advance("1s");
		const failed = await final(process, { id });
		expect(failed).toMatchObject({ status: "failed", error: { code: "timed_out" }, charged: 0 });
		expect(await work.aborted).toMatchObject({ code: "lease_lost" });
		await expectCharged(process, 0);
		work.goOn();
		await expectStays(process, id, failed.version);
	});

	test("whose run is called after the deadline only is not begun again there", async () => {
		const { process, id, ran } = await bring("asleep", { timeout: "1m" });
		const held = process.server.faults.holdCall();
		await process.clock.advance("22s");
		await held.reached;
		// Our own sweeper has woken it meanwhile, for a new run; that one is late as well.
		process.server.faults.delayCall(120_000);
		const failed = await process.clock.until(final(process, { id }));
		expect(failed).toMatchObject({ status: "failed", error: { code: "timed_out" } });
		held.release();
		await process.clock.advance("2m");
		expect(ran).toEqual(["page-1"]);
		expect(storyRuns(process).map(({ output }) => output)).toEqual(Array(2).fill({ nothingToDo: "final" }));
		await expectStays(process, id, failed.version);
		await expectCharged(process, 0);
	});

	describe("that its owner cancels", () => {
		test.each(states)(
			"while its run is %s: the run ends in Inngest too, and only what was delivered is charged",
			async (state) => {
				const brought = await bring(state);
				const { process, id } = brought;
				const cancelled = await process.darkroom.cancelJob({ viewer: owner, jobId: id });
				expect(cancelled).toMatchObject({ status: "cancelled", charged: delivered[state] });
				const [run] = process.server.runs;
				await process.server.until(() => run?.isOver === true);
				expect(run?.status).toBe("cancelled");
				await expectCancelled(brought, state, cancelled.version);
			},
		);

		test.each(states)(
			"while its run is %s, and who tries again at once, keeps the new run: late words end only the old",
			async (state) => {
				const { process, id } = await bring(state);
				await process.darkroom.cancelJob({ viewer: owner, jobId: id });
				await process.darkroom.retryJob({ viewer: owner, jobId: id });
				await process.server.until(() => process.server.runs.some(({ event }) => event.id === eventOf(process, 1)));
				const word = rig.batches.flatMap(({ events }) => events).find(({ name }) => name.endsWith(".cancelled"));
				await rig.send(word ?? {});
				work.goOn();
				expect(await process.clock.until(seen(process, ({ status }) => status === "completed"))).toMatchObject({ id });
				expect(storyRuns(process).map(({ status }) => status)).toEqual(["cancelled", "completed"]);
				await expectCharged(process, 4);
			},
		);
	});

	describe("whose run is cancelled in Inngest's dashboard", () => {
		test.each(states)(
			"while it is %s is cancelled, and its signal aborts; only what was delivered is charged",
			async (state) => {
				const brought = await bring(state);
				const { process, id } = brought;
				process.server.cancel(process.server.runs[0]?.id ?? "");
				const cancelled = await final(process, { id });
				expect(cancelled).toMatchObject({
					status: "cancelled",
					charged: delivered[state],
					error: { code: "cancelled" },
				});
				await expectCancelled(brought, state, cancelled.version);
			},
		);

		test.each(states)(
			"while it is %s, and whose word comes after the owner's own cancel and retry, goes on",
			async (state) => {
				const { process, id } = await bring(state);
				const word = process.server.faults.holdCall(({ functionId }) => functionId.endsWith("run-ended"));
				process.server.cancel(storyRuns(process)[0]?.id ?? "");
				await word.reached;
				await process.darkroom.cancelJob({ viewer: owner, jobId: id });
				await process.darkroom.retryJob({ viewer: owner, jobId: id });
				await process.server.until(() => storyRuns(process).length === 2);
				word.release();
				await rig.settle();
				work.goOn();
				expect(await process.clock.until(seen(process, ({ status }) => status === "completed"))).toMatchObject({ id });
				expect(storyRuns(process).map(({ status }) => status)).toEqual(["cancelled", "completed"]);
				await expectCharged(process, 4);
			},
		);
	});
});

function storyRuns({ server }: Started) {
	return server.runs.filter(({ functionId }) => functionId === "tests-story");
}

/** The id of the event with which the job's run number so much was begun, from 0. */
function eventOf({ server }: Started, at: number): string | undefined {
	return server.events.filter(({ name }) => name === "darkroom/story.requested").map(({ id }) => id)[at];
}

import { describe, expect, test } from "vitest";
import { job, owner } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig } from "./fault-rig.testsuite.ts";
import { skipSdkWaits } from "./sdk-waits.testsuite.ts";

/** Of one send: the SDK tries it so often at once. */
const triesOfSdk = 5;
const hourMs = 3_600_000;
/** Between two jobs that somebody asks for meanwhile. */
const everyMs = 360_000;
/** The sweeper looks less often here, so that an hour has not 3,600 looks. */
const sweepEvery = "10s";

skipSdkWaits();
const rig = FaultRig.use({ engine: { sweepEvery } });

const draw = job("draw", ({ step }) => step.run("draw", () => "drawn"), { credits: { price: 1 } });

/** When there was a send of a job, in seconds from the first on; however often the SDK tried it. */
function sendsOf(jobId: string): number[] {
	const times = rig.batches.filter(({ events }) => events.some(({ id }) => id.startsWith(jobId))).map(({ at }) => at);
	return [...new Set(times)].map((at) => (at - (times[0] as number)) / 1_000);
}

describe.each(["refused", "away"] as const)("an Inngest that is %s for an hour", (fault) => {
	test("loses no job and delays them only, is asked less and less often, and by one process no more than needed", async () => {
		const process = await rig.start({ jobs: [draw] });
		const { darkroom, clock, server } = process;
		server.faults.events = fault;
		const first = await darkroom.submit(draw, { owner, input: {} });
		const submitted = [first];
		for (let passed = 0; passed < hourMs; passed += everyMs) {
			await clock.advance(everyMs);
			submitted.push(await darkroom.submit(draw, { owner, input: {} }));
		}
		await rig.settle();
		expect(server.events).toEqual([]);
		const waiting = await darkroom.listJobs({ viewer: owner, status: ["queued"] });
		expect(waiting.jobs).toHaveLength(submitted.length);
		const [, ...times] = sendsOf(first.id);
		expect(times.slice(0, 4)).toEqual([10, 30, 70, 130]);
		expect(rig.batches.length / triesOfSdk).toBeLessThanOrEqual((1.5 * hourMs) / 30_000);

		server.faults.events = "taken";
		await clock.advance("1m");
		await rig.settle();
		expect(server.runs.map(({ status }) => status)).toEqual(Array(submitted.length).fill("completed"));
		await expectCharged(process, submitted.length);
	}, 120_000);
});

test("a job that is submitted while a send has just failed does not make another one at once", async () => {
	const { darkroom, clock, server } = await rig.start({ jobs: [draw] });
	server.faults.events = "away";
	for (let i = 0; i < 20; i++) {
		await darkroom.submit(draw, { owner, input: {} });
		await rig.settle();
	}
	expect(rig.batches).toHaveLength(triesOfSdk);
	server.faults.events = "taken";
	await clock.advance("10s");
	await rig.settle();
	expect(server.runs).toHaveLength(20);
});

test("all that has gathered meanwhile is sent in batches that Inngest takes", async () => {
	const process = await rig.start({ jobs: [draw] });
	const { darkroom, clock, server } = process;
	server.faults.events = "away";
	const count = 1_000;
	await Promise.all(Array.from({ length: count }, () => darkroom.submit(draw, { owner, input: {} })));
	await rig.settle();
	const before = rig.batches.length;
	// Accepted, and not run: what is of interest here is how they are sent.
	server.faults.events = "lost";
	await clock.advance("30s");
	const sent = rig.batches.slice(before);
	expect(new Set(server.events.map(({ id }) => id)).size).toBe(count);
	for (const { events, bytes } of sent) {
		expect(events.length).toBeLessThanOrEqual(500);
		expect(bytes).toBeLessThan(500 * 1_024);
	}
}, 60_000);

test("a cancel that Inngest did not hear of ends the job all the same, and its run does nothing more", async () => {
	const ran: string[] = [];
	const sleepy = job(
		"sleepy",
		async ({ step }) => {
			await step.run("first", () => void ran.push("first"));
			await step.sleep("nap", "10s");
			await step.run("second", () => void ran.push("second"));
		},
		{ credits: { price: 3 } },
	);
	const process = await rig.start({ jobs: [sleepy] });
	const { darkroom, clock, server } = process;
	const { id: jobId } = await darkroom.submit(sleepy, { owner, input: {} });
	await clock.advance("1s");
	server.faults.events = "away";
	expect(await darkroom.cancelJob({ viewer: owner, jobId })).toMatchObject({ status: "cancelled" });
	await clock.advance("1m");
	expect(ran).toEqual(["first"]);
	expect(server.runs).toMatchObject([{ status: "completed", output: { nothingToDo: "final" } }]);
	await expectCharged(process, 0);
});

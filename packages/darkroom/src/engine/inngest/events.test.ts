import { describe, expect, test } from "vitest";
import { job, never, owner, seen, signal } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";

const isStatus = (status: string) => (shown: { readonly status: string }) => shown.status === status;

describe("an event", () => {
	const rig = FaultRig.use();
	const requested = () => rig.batches.flatMap(({ events }) => events);

	test("carries the job's id and its owner and nothing else, so it stays under 1 KB whatever the input", async () => {
		const inputs: number[] = [];
		const draw = job("draw", ({ input }) => void inputs.push((input as string).length));
		const { darkroom, clock, server } = await rig.start({ jobs: [draw] });
		// A job's version is the number of its latest change.
		const { id, version } = await darkroom.submit(draw, { owner, input: "x".repeat(100_000) });
		await rig.settle();
		expect(inputs).toEqual([100_000]);
		expect(requested()).toMatchObject([
			{ name: "darkroom/draw.requested", id: `${id}.${version}`, data: { jobId: id, owner }, ts: clock.now() },
		]);
		expect(requested()[0]?.data).toEqual({ jobId: id, owner });
		expect(server.events.map(({ bytes }) => bytes < 1_024)).toEqual([true]);
		expect(rig.batches.every(({ bytes }) => bytes < 1_024)).toBe(true);
	});

	test("that ends a run carries no more than that either", async () => {
		const begun = signal();
		const draw = job("draw", () => {
			begun.resolve();
			return never;
		});
		const { darkroom } = await rig.start({ jobs: [draw] });
		const { id } = await darkroom.submit(draw, { owner, input: "x".repeat(100_000) });
		await begun.promise;
		await darkroom.cancelJob({ viewer: owner, jobId: id });
		await rig.settle();
		expect(requested()).toMatchObject([{}, { name: "darkroom/draw.cancelled" }]);
		expect(requested()[1]?.data).toEqual({ jobId: id, owner });
	});

	test("has the same id each time that it is sent for one wait, and another for each wait", async () => {
		let fails = true;
		const draw = job("draw", () => (fails ? Promise.reject(new Error("no")) : "drawn"), { credits: { price: 2 } });
		const process = await rig.start({ jobs: [draw] });
		const { darkroom, clock, server } = process;
		server.faults.events = "lost";
		const { id } = await darkroom.submit(draw, { owner, input: {} });
		await clock.advance("10s");
		server.faults.events = "taken";
		await clock.advance("20s");
		expect(await now(process, { id })).toMatchObject({ status: "failed" });
		fails = false;
		await darkroom.retryJob({ viewer: owner, jobId: id });
		await seen(process, isStatus("completed"));
		const ids = server.events.map((event) => event.id);
		expect(ids).toEqual([ids[0], ids[0], ids[0], ids[3]]);
		expect(ids[3]).not.toBe(ids[0]);
		expect(ids.every((one) => new RegExp(`^${id}\\.\\d+$`).test(one))).toBe(true);
		await expectCharged(process, 2);
	});

	test.each([
		["no job's id", { owner }],
		["something else as the job's id", { jobId: { $ne: null }, owner }],
		["nothing", undefined],
	])("with %s, which is none of ours, is answered once and runs nothing", async (_, data) => {
		const draw = job("draw", () => "drawn");
		const { clock, server } = await rig.start({ jobs: [draw] });
		await rig.send({ name: "darkroom/draw.requested", data });
		await clock.advance("1m");
		expect(server.runs).toMatchObject([{ status: "completed", calls: 1 }]);
	});
});

import { describe, expect, test } from "vitest";
import { final, job } from "../suite/rig.testsuite.ts";
import { FaultRig } from "./fault-rig.testsuite.ts";

describe("a guest who signs up while their job sleeps on Inngest", () => {
	const rig = FaultRig.use();

	test("finds it done as their own, though its run was begun for the guest", async () => {
		const owners: string[] = [];
		const story = job("story", async ({ step, job: running }) => {
			await step.sleep("nap", "30s");
			await step.run("draw", () => void owners.push(running.owner));
		});
		const first = await rig.start({ jobs: [story] });
		const second = await rig.start({ jobs: [story], clock: first.clock });
		const { id } = await first.darkroom.submit(story, { owner: "guest", input: {} });
		await first.clock.advance("10s");
		expect(first.server.runs).toMatchObject([{ status: "sleeping" }]);
		// In the process that is not called.
		await first.darkroom.transferOwner({ from: "guest", to: "grace" });
		await first.clock.advance("21s");
		expect(await final(second, { id }, "grace")).toMatchObject({ status: "completed" });
		expect(owners).toEqual(["grace"]);
		expect(first.server.runs).toMatchObject([{ status: "completed", calls: 2 }]);
	});

	test("may cancel it: its run ends in Inngest too", async () => {
		const story = job("story", ({ step }) => step.sleep("nap", "30s"));
		const { darkroom, clock, server } = await rig.start({ jobs: [story] });
		const { id: jobId } = await darkroom.submit(story, { owner: "guest", input: {} });
		await clock.advance("10s");
		await darkroom.transferOwner({ from: "guest", to: "grace" });
		expect(await darkroom.cancelJob({ viewer: "grace", jobId })).toMatchObject({ status: "cancelled" });
		await server.until(() => server.runs[0]?.isOver === true);
		expect(server.runs[0]?.status).toBe("cancelled");
	});
});

import { expect, test } from "vitest";
import { job, Rig, runToEnd } from "../suite/rig.testsuite.ts";
import { createInngest } from "./create-inngest.testsuite.ts";

const rig = Rig.use(createInngest({ checkpointing: false }));

test("an attempt that takes several calls says once that it began", async () => {
	const draw = job("draw", async ({ step }) => {
		await step.run("sketch", () => "sketched");
		await step.run("paint", () => "painted");
	});
	const process = rig.open({ jobs: [draw] });
	const { id: jobId } = await runToEnd(process, draw);
	expect(process.logged.filter(({ message }) => message === "job started")).toEqual([
		{ message: "job started", fields: { jobId, kind: "draw", attempt: 1 } },
	]);
});

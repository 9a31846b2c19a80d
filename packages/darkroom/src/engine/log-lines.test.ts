import { expect, test } from "vitest";
import { createEmbedded } from "./embedded/create-embedded.testsuite.ts";
import { job, never, owner, Rig, runToEnd, signal } from "./suite/rig.testsuite.ts";

const rig = Rig.use(createEmbedded);
const credits = { price: 2 };

test("a job's submit, once for its key, and its cancel leave a line each, with nothing of its input", async () => {
	const begun = signal();
	const draw = job(
		"draw",
		async () => {
			begun.resolve();
			await never;
		},
		{ credits },
	);
	const { darkroom, logged } = rig.open({ jobs: [draw] });
	await darkroom.grantCredits({ owner, amount: 5, key: "starter" });
	const request = { owner, input: { words: "a secret wish" }, idempotencyKey: "press-1" };
	const { id: jobId } = await darkroom.submit(draw, request);
	await darkroom.submit(draw, request);
	await begun.promise;
	await darkroom.cancelJob({ viewer: owner, jobId });
	const lines = logged.filter(({ message }) => !["darkroom started", "job started", "job aborted"].includes(message));
	expect(lines).toEqual([
		{ message: "job submitted", fields: { jobId, kind: "draw" } },
		{ message: "job cancelled", fields: { jobId, kind: "draw", charged: 0 } },
	]);
	expect(JSON.stringify(logged)).not.toContain("secret");
});

test("a job that completes leaves the line of its submit, of its beginning and of its end", async () => {
	const draw = job("draw", () => "done");
	const process = rig.open({ jobs: [draw] });
	const { id: jobId } = await runToEnd(process, draw);
	const messages = process.logged.map(({ message }) => message);
	expect(messages.toSorted()).toEqual(["darkroom started", "job completed", "job started", "job submitted"]);
	expect(process.logged).toContainEqual({ message: "job started", fields: { jobId, kind: "draw", attempt: 1 } });
});

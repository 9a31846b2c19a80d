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

test("a cancel leaves its line where it has ended the job, and none where the job had ended", async () => {
	const draw = job("draw", () => "done");
	const waits = job("waits", () => never);
	const process = rig.open({ jobs: [draw, waits] });
	const { darkroom, logged } = process;
	const completed = await runToEnd(process, draw);
	await darkroom.cancelJob({ viewer: owner, jobId: completed.id });
	const { id: jobId } = await darkroom.submit(waits, { owner, input: {} });
	await darkroom.cancelJob({ viewer: owner, jobId });
	await darkroom.cancelJob({ viewer: owner, jobId });
	const lines = logged.filter(({ message }) => message === "job cancelled");
	expect(lines).toEqual([{ message: "job cancelled", fields: { jobId, kind: "waits", charged: 0 } }]);
});

test("a cancel that another one overtook leaves no line", async () => {
	const draw = job("draw", () => never);
	const { darkroom, logged } = rig.open({
		jobs: [draw],
		store: (own) => ({
			...own,
			async cancelJob(request) {
				await own.cancelJob({ ...request, now: request.now - 1 });
				return own.cancelJob(request);
			},
		}),
	});
	const { id: jobId } = await darkroom.submit(draw, { owner, input: {} });
	expect(await darkroom.cancelJob({ viewer: owner, jobId })).toMatchObject({ status: "cancelled" });
	expect(logged.map(({ message }) => message)).not.toContain("job cancelled");
});

test("a retry and a clear leave a line each", async () => {
	const draw = job("draw", () => never, { subject: () => "story:42" });
	const { darkroom, logged } = rig.open({ jobs: [draw] });
	const { id: jobId } = await darkroom.submit(draw, { owner, input: {} });
	await darkroom.clearSubject({ viewer: owner, subject: "story:42" });
	await darkroom.retryJob({ viewer: owner, jobId });
	await expect(darkroom.retryJob({ viewer: owner, jobId })).rejects.toMatchObject({ code: "invalid_transition" });
	const lines = logged.filter(({ message }) => ["job cleared", "job retried"].includes(message));
	expect(lines).toEqual([
		{ message: "job cleared", fields: { jobId, kind: "draw", charged: 0 } },
		{ message: "job retried", fields: { jobId, kind: "draw" } },
	]);
});

test("a job leaves a line for its submit, its beginning, each step that is complete and its end, in this order", async () => {
	const draw = job("draw", async ({ step }) => {
		await step.run("sketch", () => "a secret sketch");
		return "done";
	});
	const process = rig.open({ jobs: [draw] });
	await process.darkroom.start();
	const { id: jobId } = await runToEnd(process, draw);
	const fields = { jobId, kind: "draw", attempt: 1 };
	expect(process.logged.slice(1)).toEqual([
		{ message: "job submitted", fields: { jobId, kind: "draw" } },
		{ message: "job started", fields },
		{
			message: "step completed",
			fields: { ...fields, step: "sketch", stepAttempt: 1, durationMs: expect.any(Number) },
		},
		{ message: "job completed", fields: { ...fields, durationMs: expect.any(Number), steps: 1, charged: 0 } },
	]);
	expect(JSON.stringify(process.logged)).not.toContain("secret");
});

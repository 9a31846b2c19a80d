import { describe, expect, test } from "vitest";
import { final, job, leaseMs, never, owner, Rig, seen, signal } from "../suite/rig.testsuite.ts";
import { settle, turns } from "../suite/settle.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

const rig = Rig.use(createEmbedded);

describe("a stop", () => {
	test("waits for what runs, and claims nothing more", async () => {
		const begun = signal();
		const goOn = signal();
		const ran: unknown[] = [];
		const draw = job("draw", async ({ input }) => {
			ran.push(input);
			begun.resolve();
			await goOn.promise;
		});
		const first = rig.open({ jobs: [draw], concurrency: 1 });
		const running = await first.darkroom.submit(draw, { owner, input: "running" });
		const waiting = await first.darkroom.submit(draw, { owner, input: "waiting" });
		await begun.promise;
		let isStopped = false;
		const stopped = first.darkroom.stop().then(() => {
			isStopped = true;
		});
		await settle();
		expect(isStopped).toBe(false);
		goOn.resolve();
		await stopped;
		expect(ran).toEqual(["running"]);
		const second = rig.open({ jobs: [draw], concurrency: 0 });
		const found = await Promise.all(
			[running, waiting].map(({ id: jobId }) => second.darkroom.getJob({ viewer: owner, jobId })),
		);
		expect(found).toMatchObject([
			{ status: "completed", attempt: 1 },
			{ status: "queued", attempt: 0 },
		]);
	});

	test("hands back what does not end in time: another takes it up at once, at no cost, with its steps", async () => {
		const begun = signal();
		const reasons: unknown[] = [];
		const attempts: number[] = [];
		const ran: string[] = [];
		let isFirst = true;
		const draw = job("draw", async ({ step, signal, job }) => {
			attempts.push(job.attempt);
			await step.run("upload", () => void ran.push("upload"));
			await step.run("draw", async () => {
				ran.push("draw");
				if (!isFirst) return;
				signal.addEventListener("abort", () => reasons.push((signal.reason as { code: string }).code));
				begun.resolve();
				await never;
			});
		});
		const first = rig.open({ jobs: [draw] });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		await first.clock.until(first.darkroom.stop({ graceMs: 5_000 }));
		isFirst = false;
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		// No time passes for it: there is no lease to wait for.
		expect(await final(second, submitted)).toMatchObject({ status: "completed", attempt: 1 });
		expect(reasons).toEqual(["stopped"]);
		expect(attempts).toEqual([1, 1]);
		expect(ran).toEqual(["upload", "draw", "draw"]);
	});

	test("hands back also what a claim or a submit on its way brings in", async () => {
		const draw = job("draw", ({ step }) => step.run("draw", () => (isFirst ? never : "done")));
		let isFirst = true;
		const first = rig.open({ jobs: [draw] });
		const elsewhere = rig.open({ jobs: [draw], concurrency: 0 });
		const waiting = await elsewhere.darkroom.submit(draw, { owner, input: "waiting" });
		// The start sets off a claim; neither it nor the submit has come back when the stop begins.
		await first.darkroom.start();
		const submitting = first.darkroom.submit(draw, { owner, input: "submitted" });
		const stopping = first.darkroom.stop({ graceMs: 0 });
		const submitted = await submitting;
		await first.clock.until(stopping);
		isFirst = false;
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		for (const one of [waiting, submitted]) {
			expect(await final(second, one)).toMatchObject({ status: "completed", attempt: 1 });
		}
	});

	test("can be asked for twice, before the start, and while another waits", async () => {
		const process = rig.open({ jobs: [] });
		await Promise.all([process.darkroom.stop(), process.darkroom.stop()]);
		await expect(process.darkroom.start()).rejects.toMatchObject({ code: "stopped" });
	});
});

describe("a tick", () => {
	const counted = () => {
		let ran = 0;
		const quick = job("quick", ({ step }) => step.run("only", () => turns(1)).then(() => ++ran));
		return { quick, ran: () => ran };
	};

	test.each([
		[1, 12],
		[3, 10],
		[50, 7],
	])("of a Darkroom that was never started works off everything, %i at a time", async (concurrency, count) => {
		const { quick, ran } = counted();
		const elsewhere = rig.open({ jobs: [quick], concurrency: 0 });
		for (let i = 0; i < count; i++) await elsewhere.darkroom.submit(quick, { owner, input: i });
		const process = rig.open({ jobs: [quick], concurrency });
		expect(await process.clock.until(process.darkroom.tick(10_000))).toEqual({ claimed: count, remaining: false });
		expect(ran()).toBe(count);
		expect(await process.clock.until(process.darkroom.tick(10_000))).toEqual({ claimed: 0, remaining: false });
	});

	test("also works off what only now came due, and what a dead process left", async () => {
		const { quick, ran } = counted();
		const begun = signal();
		let isFirst = true;
		const left = job("left", () => {
			begun.resolve();
			return isFirst ? never : "done";
		});
		const first = rig.open({ jobs: [quick, left] });
		await first.darkroom.submit(left, { owner, input: {} });
		await begun.promise;
		await first.darkroom.submit(quick, { owner, input: {}, runAt: first.clock.now() + 1_000 });
		await settle();
		await first.crash();
		isFirst = false;
		const second = rig.open({ jobs: [quick, left] });
		second.clock.pause(leaseMs);
		expect(await second.clock.until(second.darkroom.tick(10_000))).toEqual({ claimed: 2, remaining: false });
		expect(ran()).toBe(1);
	});

	test("ends when its budget is used up, and says that something remains; the next goes on", async () => {
		const goOn = signal();
		const slow = job("slow", () => goOn.promise);
		const { quick, ran } = counted();
		const elsewhere = rig.open({ jobs: [slow, quick], concurrency: 0 });
		const stuck = await elsewhere.darkroom.submit(slow, { owner, input: {} });
		await elsewhere.darkroom.submit(quick, { owner, input: {} });
		const process = rig.open({ jobs: [slow, quick], concurrency: 1 });
		const startedAt = process.clock.now();
		const answer = await process.clock.until(process.darkroom.tick(2_000));
		expect(process.clock.now() - startedAt).toBe(2_000);
		expect(answer).toEqual({ claimed: 1, remaining: true });
		goOn.resolve();
		expect((await process.clock.until(process.darkroom.tick(2_000))).remaining).toBe(false);
		expect(ran()).toBe(1);
		expect(await final(process, stuck)).toMatchObject({ status: "completed" });
	});

	test("may come while another is under way, and neither outlasts the work", async () => {
		const goOn = signal();
		const slow = job("slow", () => goOn.promise);
		const process = rig.open({ jobs: [slow] });
		const startedAt = process.clock.now();
		await process.darkroom.submit(slow, { owner, input: {} });
		const ticks = [process.darkroom.tick(60_000), process.darkroom.tick(60_000)];
		await settle();
		goOn.resolve();
		expect(await process.clock.until(Promise.all(ticks))).toMatchObject([{ remaining: false }, { remaining: false }]);
		expect(process.clock.now() - startedAt).toBeLessThan(60_000);
	});

	test("of nothing is over at once", async () => {
		const process = rig.open({ jobs: [] });
		expect(await process.darkroom.tick(60_000)).toEqual({ claimed: 0, remaining: false });
	});
});

test("a job that is submitted to a process that only submits is taken up by another's next look", async () => {
	const quick = job("quick", () => "done");
	const web = rig.open({ jobs: [quick], concurrency: 0 });
	const worker = rig.open({ jobs: [quick] });
	await worker.darkroom.start();
	await settle();
	const submitted = await web.darkroom.submit(quick, { owner, input: {} });
	const startedAt = worker.clock.now();
	await worker.clock.until(seen(worker, ({ id, status }) => id === submitted.id && status === "completed"));
	expect(worker.clock.now() - startedAt).toBeLessThanOrEqual(1_000);
});

import { describe, expect, test } from "vitest";
import type { JobSnapshot } from "../../core/job.ts";
import type { StepTools } from "../context.ts";
import { type CreateRig, final, job, owner, type Process, runToEnd, seen, signal } from "./rig.testsuite.ts";

/** What a job's code says of itself, and what becomes of it. */
export function describeProgress(createRig: CreateRig): void {
	const rig = createRig();

	/** Everything that a watcher of the owner is shown from now on. */
	function record({ darkroom }: Process): JobSnapshot[] {
		const shown: JobSnapshot[] = [];
		darkroom.watch({ viewer: owner, cursor: 0, onJob: (snapshot) => void shown.push(snapshot), onEnd: () => {} });
		return shown;
	}

	describe("progress", () => {
		test("said many times a second is kept a few times, the last one always", async () => {
			const said = signal();
			const goOn = signal();
			const chatty = job("chatty", async ({ progress }) => {
				for (let second = 0; second < 2; second++) {
					for (let i = 1; i <= 40; i++) {
						progress(second * 40 + i, `${second * 40 + i} of 80`);
						await process.clock.advance(25);
					}
				}
				progress(85, "the last word");
				said.resolve();
				await goOn.promise;
			});
			const process = rig.open({ jobs: [chatty] });
			const shown = record(process);
			const startedAt = process.clock.now();
			const submitted = await process.darkroom.submit(chatty, { owner, input: {} });
			await said.promise;
			const saidMs = process.clock.now() - startedAt;
			await process.clock.until(seen(process, ({ message }) => message === "the last word"));
			const words = new Set(shown.map(({ message }) => message).filter((message) => message !== null));
			expect(words.size).toBeGreaterThanOrEqual(8);
			// Four a second, the first and the last.
			expect(words.size).toBeLessThanOrEqual(saidMs / 250 + 2);
			goOn.resolve();
			await final(process, submitted);
		});

		test("said last before a job completes, fails or rests is kept", async () => {
			const cases: [string, () => unknown][] = [
				["completes", () => "done"],
				["fails", () => Promise.reject(new Error("no"))],
			];
			const jobs = cases.map(([kind, end]) =>
				job(kind, ({ progress }) => {
					progress(10, "begun");
					progress(70, `it ${kind}`);
					return end();
				}),
			);
			const rests = job("rests", async ({ progress, step }) => {
				progress(10, "begun");
				progress(70, "it rests");
				await step.sleep("rest", "10s");
			});
			const process = rig.open({ jobs: [...jobs, rests] });
			for (const definition of jobs) {
				const done = await final(process, await process.darkroom.submit(definition, { owner, input: {} }));
				expect(done.message).toBe(`it ${done.kind}`);
			}
			const { id } = await process.darkroom.submit(rests, { owner, input: {} });
			// No time passes: the word is there as soon as the job rests.
			const resting = await seen(
				process,
				(one) => one.id === id && one.status === "queued" && one.startedAt !== undefined,
			);
			expect(resting).toMatchObject({ message: "it rests", progress: 70 });
		});

		test("never falls, whatever the code says, and is 100 when the job is completed and not before", async () => {
			const steps = [5, 60, 30, -10, Number.NaN, 250, 100, 20];
			const goOn = signal();
			const wild = job("wild", async ({ progress, step }) => {
				await step.run("first", () => 1);
				for (const percent of steps) {
					progress(percent);
					await process.clock.advance(250);
				}
				await step.run("second", () => goOn.promise);
			});
			const process = rig.open({ jobs: [wild] });
			const shown = record(process);
			const submitted = await process.darkroom.submit(wild, { owner, input: {} });
			await seen(process, (one) => one.steps.length === 2);
			goOn.resolve();
			await final(process, submitted);
			await rig.settle();
			const percents = shown.map(({ progress }) => progress);
			expect(percents).toEqual([...percents].sort((a, b) => a - b));
			expect(shown.map(({ progress, status }) => (progress === 100) === (status === "completed"))).not.toContain(false);
			expect(Math.max(...shown.filter(({ status }) => status === "running").map(({ progress }) => progress))).toBe(99);
		});

		test("never falls because other jobs of the kind took more steps meanwhile, to whoever watches from wherever", async () => {
			const steps = async (step: StepTools, count: number) => {
				for (let i = 0; i < count; i++) await step.run(`page-${i}`, () => i);
			};
			const half = signal();
			const goOn = signal();
			const story = job("story", async ({ step, input }) => {
				const { pages, isWatched } = input as { pages: number; isWatched?: true };
				await steps(step, pages);
				if (!isWatched) return;
				half.resolve();
				await step.run("bind", () => goOn.promise);
			});
			const process = rig.open({ jobs: [story] });
			await runToEnd(process, story, { pages: 2 });
			const { id } = await process.darkroom.submit(story, { owner, input: { pages: 1, isWatched: true } });
			await half.promise;
			const progress = async ({ darkroom }: Process) => (await darkroom.getJob({ viewer: owner, jobId: id })).progress;
			expect(await progress(process)).toBe(50);
			for (let i = 0; i < 3; i++) await runToEnd(process, story, { pages: 20 });
			await process.clock.advance(1_000);
			expect(await progress(process)).toBe(50);
			// It has learnt what the others took before it began.
			const another = rig.open({ jobs: [story], concurrency: 0 });
			await another.darkroom.start();
			expect(await progress(another)).toBe(50);
			goOn.resolve();
			await final(process, { id });
		});

		test("of a job that reports nothing is counted by its steps", async () => {
			const goOn = signal();
			const quiet = job("quiet", async ({ step }) => {
				for (const name of ["a", "b"]) await step.run(name, () => name);
				await step.run("c", () => goOn.promise);
			});
			const process = rig.open({ jobs: [quiet] });
			const submitted = await process.darkroom.submit(quiet, { owner, input: {} });
			const counted = await seen(process, ({ steps }) => steps.length === 3);
			expect(counted.status).toBe("running");
			expect(counted.progress).toBeGreaterThan(0);
			expect(counted.progress).toBeLessThan(100);
			goOn.resolve();
			await final(process, submitted);
		});
	});
}

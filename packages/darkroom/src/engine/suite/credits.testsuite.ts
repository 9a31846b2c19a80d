import { describe, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { type CreateRig, final, job, never, owner, type Process, runToEnd, seen, signal } from "./rig.testsuite.ts";

/** What a generation costs, from the press of the button to its end. */
export function describeCredits(createRig: CreateRig): void {
	const rig = createRig();

	async function withCredits(process: Process): Promise<Process> {
		await process.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		return process;
	}

	/** Credits that were moved, without the holds that came and went. */
	async function posted({ darkroom }: Process): Promise<string[]> {
		const entries = await darkroom.listEntries(owner);
		return entries.filter((entry) => entry.posted !== 0).map(({ type, posted }) => `${type} ${posted}`);
	}

	const pages = (count: number) => Array.from({ length: count }, (_, i) => i);

	describe("credits", () => {
		test("are held by the price of this input, and taken once when the job completes", async () => {
			const begun = signal();
			const goOn = signal();
			const story = job(
				"story",
				async () => {
					begun.resolve();
					await goOn.promise;
				},
				{ credits: { price: (input) => (input as { pages: number }).pages } },
			);
			const process = await withCredits(rig.open({ jobs: [story] }));
			const submitted = await process.darkroom.submit(story, { owner, input: { pages: 7 } });
			expect(submitted).toMatchObject({ price: 7, charged: 0 });
			await begun.promise;
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 10, held: 7, available: 3 });
			goOn.resolve();
			expect(await final(process, submitted)).toMatchObject({ charged: 7 });
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 3, held: 0, available: 3 });
			expect(await posted(process)).toEqual(["capture -7", "grant 10"]);
		});

		test("are refused before anything is done when there are not enough", async () => {
			let ran = 0;
			const dear = job("dear", () => void ran++, { credits: { price: 11 } });
			const process = await withCredits(rig.open({ jobs: [dear] }));
			const refusal = await process.darkroom.submit(dear, { owner, input: {} }).catch((error: unknown) => error);
			expect(isDarkroomError(refusal, "insufficient_credits")).toBe(true);
			expect(refusal).toMatchObject({ data: { needed: 11, available: 10 } });
			await rig.settle();
			expect(ran).toBe(0);
			expect((await process.darkroom.listJobs({ viewer: owner })).jobs).toEqual([]);
		});

		test.each([
			["7 of 8 pages", 7, 7],
			["nothing", 0, 0],
			["more than was agreed", 12, 8],
			["less than nothing", -3, 0],
			["no number", Number.NaN, 0],
			["half a page more", 3.5, 3],
		])("are taken for what was delivered: %s", async (_, delivered, charged) => {
			const story = job("story", ({ step }) => step.map("page", pages(8), (page) => page), {
				credits: { price: 8, capture: () => delivered },
			});
			const process = await withCredits(rig.open({ jobs: [story] }));
			expect(await runToEnd(process, story)).toMatchObject({ status: "completed", price: 8, charged });
			const rest = 10 - charged;
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: rest, held: 0, available: rest });
		});

		test("that a job takes at its start are taken when it starts, not when it is accepted", async () => {
			const begun = signal();
			const goOn = signal();
			const nails = job(
				"nails",
				async () => {
					begun.resolve();
					await goOn.promise;
				},
				{ credits: { price: 4, charge: "on-start" } },
			);
			const process = await withCredits(rig.open({ jobs: [nails] }));
			const runAt = process.clock.now() + 5_000;
			const submitted = await process.darkroom.submit(nails, { owner, input: {}, runAt });
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 10, held: 4, available: 6 });
			await process.clock.until(begun.promise);
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 6, held: 0, available: 6 });
			goOn.resolve();
			expect(await final(process, submitted)).toMatchObject({ charged: 4 });
			expect(await posted(process)).toEqual(["capture -4", "grant 10"]);
		});

		test.each([
			["fails", () => Promise.reject(new Error("no")), undefined, 0],
			["delivers half", () => "half", () => 2, 2],
		])("taken at the start are given back when the job %s", async (_, run, capture, charged) => {
			const nails = job("nails", run, { credits: { price: 4, charge: "on-start", capture } });
			const process = await withCredits(rig.open({ jobs: [nails] }));
			expect(await runToEnd(process, nails)).toMatchObject({ charged });
			expect(await process.darkroom.getBalance(owner)).toMatchObject({ posted: 10 - charged, held: 0 });
		});

		test("taken at the start are taken once, however often the job rests", async () => {
			const sleepy = job(
				"sleepy",
				async ({ step }) => {
					for (const name of ["a", "b", "c"]) await step.sleep(name, "6s");
				},
				{ credits: { price: 4, charge: "on-start" } },
			);
			const process = await withCredits(rig.open({ jobs: [sleepy] }));
			await runToEnd(process, sleepy);
			expect(await posted(process)).toEqual(["capture -4", "grant 10"]);
		});

		test("taken at the start are given back when its owner cancels it", async () => {
			const begun = signal();
			const endless = job(
				"endless",
				() => {
					begun.resolve();
					return never;
				},
				{ credits: { price: 4, charge: "on-start" } },
			);
			const process = await withCredits(rig.open({ jobs: [endless] }));
			const { id: jobId } = await process.darkroom.submit(endless, { owner, input: {} });
			await begun.promise;
			expect(await process.darkroom.cancelJob({ viewer: owner, jobId })).toMatchObject({ charged: 0 });
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 10, held: 0, available: 10 });
		});

		test("of a cancelled job are taken for what its steps had delivered, and the retry costs the rest", async () => {
			const drawn = signal();
			const goOn = signal();
			const story = job(
				"story",
				({ step }) =>
					step.map(
						"page",
						pages(4),
						async (page) => {
							if (page < 3) return page;
							drawn.resolve();
							await goOn.promise;
							return page;
						},
						{ concurrency: 1 },
					),
				{ credits: { price: 4, delivered: ({ results }) => Object.keys(results).length } },
			);
			const process = await withCredits(rig.open({ jobs: [story] }));
			const { id: jobId } = await process.darkroom.submit(story, { owner, input: {} });
			await drawn.promise;
			const finished = (await process.darkroom.getJob({ viewer: owner, jobId })).steps.filter(
				({ status }) => status === "completed",
			).length;
			const cancelled = await process.darkroom.cancelJob({ viewer: owner, jobId });
			expect(cancelled).toMatchObject({ status: "cancelled", charged: finished });
			expect(finished).toBeGreaterThan(0);
			expect(await process.darkroom.getBalance(owner)).toMatchObject({ posted: 10 - finished, held: 0 });
			await process.darkroom.retryJob({ viewer: owner, jobId });
			expect(await process.darkroom.getBalance(owner)).toMatchObject({ held: 4 - finished });
			goOn.resolve();
			await seen(process, ({ status }) => status === "completed");
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 6, held: 0, available: 6 });
		});

		test.each([
			["less than one", { price: 4, delivered: () => 0.5 }],
			["more than a job costs that is free", { price: 0, delivered: () => 3 }],
		])("are not said to be charged where what was delivered counts as none: %s", async (_, credits) => {
			const begun = signal();
			const run = () => {
				begun.resolve();
				return never;
			};
			const endless = job("endless", run, { credits });
			const process = await withCredits(rig.open({ jobs: [endless] }));
			const { id: jobId } = await process.darkroom.submit(endless, { owner, input: {} });
			await begun.promise;
			const cancelled = await process.darkroom.cancelJob({ viewer: owner, jobId });
			expect(cancelled).toMatchObject({
				charged: 0,
				error: { message: expect.stringContaining("Nothing was charged") },
			});
		});

		test("are held anew by a retry, and taken once in the end", async () => {
			let isBroken = true;
			const plushie = job("plushie", () => (isBroken ? Promise.reject(new Error("no")) : "done"), {
				credits: { price: 3 },
			});
			const process = await withCredits(rig.open({ jobs: [plushie] }));
			const failed = await runToEnd(process, plushie);
			expect(await process.darkroom.getBalance(owner)).toMatchObject({ posted: 10, held: 0 });
			isBroken = false;
			await process.darkroom.retryJob({ viewer: owner, jobId: failed.id });
			await seen(process, ({ status }) => status === "completed");
			expect(await posted(process)).toEqual(["capture -3", "grant 10"]);
			expect(await process.darkroom.getBalance(owner)).toMatchObject({ posted: 7, held: 0 });
		});
	});
}

import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { DarkroomError } from "../../core/errors.ts";
import { currentStep } from "../running-step.ts";
import { type CreateRig, final, job, never, owner, runToEnd, seen, signal } from "./rig.testsuite.ts";

/** What a step promises: once, kept, the same for ever. */
export function describeSteps(createRig: CreateRig): void {
	const rig = createRig();

	test("a job's code sees nothing of the request, or of the other job's step, that submitted it", async () => {
		const request = new AsyncLocalStorage<string>();
		// Code outside steps may run again for each step.
		const seenBy = { parent: new Set<unknown>(), child: new Set<unknown>() };
		const look = (by: keyof typeof seenBy) => {
			seenBy[by].add(request.getStore() ?? currentStep.getStore()?.name);
		};
		const child = job("child", async ({ step }) => {
			look("child");
			await step.run("its own", () => look("child"));
			look("child");
		});
		const parent = job("parent", async ({ step }) => {
			look("parent");
			await step.run("submits", async () => void (await process.darkroom.submit(child, { owner, input: {} })));
		});
		const process = rig.open({ jobs: [parent, child] });
		await request.run("a request", () => process.darkroom.submit(parent, { owner, input: {} }));
		await process.clock.until(seen(process, ({ kind, status }) => kind === "child" && status === "completed"));
		expect(seenBy).toEqual({ parent: new Set([undefined]), child: new Set([undefined, "its own"]) });
	});

	describe("a completed step never runs again", () => {
		test("after a crash, when another process takes the job up", async () => {
			const ran: string[] = [];
			const atSecond = signal();
			let isFirstProcess = true;
			const story = job("story", async ({ step }) => {
				const drawn = await step.run("draw", () => {
					ran.push("draw");
					return { at: new Date(0) };
				});
				await step.run("upload", () => {
					ran.push("upload");
					if (!isFirstProcess) return;
					atSecond.resolve();
					return never;
				});
				return drawn;
			});
			const first = rig.open({ jobs: [story] });
			const submitted = await first.darkroom.submit(story, { owner, input: {} });
			await atSecond.promise;
			await seen(first, ({ steps }) => steps[1]?.status === "running");
			await first.crash();
			isFirstProcess = false;

			const second = rig.open({ jobs: [story] });
			await second.darkroom.start();
			const done = await second.clock.until(final(second, submitted));
			const output = { at: "1970-01-01T00:00:00.000Z" };
			expect(done).toMatchObject({ status: "completed", attempt: rig.attemptAfterCrash, output });
			expect(ran).toEqual(["draw", "upload", "upload"]);
			expect(done.steps.map(({ name, attempts }) => [name, attempts])).toEqual([
				["draw", 1],
				["upload", 1],
			]);
		});

		test("and its result is the very same the first time as when it comes from its row", async () => {
			const results = [-0, Number.NaN, 1.5, "text", true, undefined, new Date(0), { at: new Date(0), size: -0 }];
			const attempts: unknown[][] = [];
			const kept = job("kept", async ({ step }) => {
				const given: unknown[] = [];
				for (const [index, result] of results.entries()) given.push(await step.run(`step ${index}`, () => result));
				attempts.push(given);
				await step.run("last", () => {
					if (attempts.length === 1) throw new DarkroomError("moderated", { detail: "No." });
				});
			});
			const process = rig.open({ jobs: [kept] });
			const failed = await runToEnd(process, kept);
			await process.darkroom.retryJob({ viewer: owner, jobId: failed.id });
			await process.clock.until(
				seen(process, ({ version, status }) => version > failed.version && status === "completed"),
			);
			expect(attempts.length).toBeGreaterThan(1);
			for (const again of attempts) {
				for (const [index, value] of (attempts[0] ?? []).entries()) expect(value).toStrictEqual(again[index]);
			}
		});

		test("after the owner's retry of a failed job, while what failed is tried afresh", async () => {
			const ran: string[] = [];
			let isBroken = true;
			const plushie = job("plushie", async ({ step }) => {
				const photo = await step.run("upload", () => ran.push("upload"));
				await step.run("draw", () => {
					ran.push("draw");
					if (isBroken) throw new DarkroomError("moderated", { detail: "No." });
				});
				return photo;
			});
			const process = rig.open({ jobs: [plushie] });
			const failed = await runToEnd(process, plushie);
			expect(failed).toMatchObject({ status: "failed", error: { code: "moderated" } });
			isBroken = false;
			await process.darkroom.retryJob({ viewer: owner, jobId: failed.id });
			const done = await process.clock.until(
				seen(
					process,
					({ id, version, status }) => id === failed.id && version > failed.version && status === "completed",
				),
			);
			expect(ran).toEqual(["upload", "draw", "draw"]);
			expect(done.output).toBe(1);
		});

		test("though a retry takes up one that had begun before it, and each is where the code has it", async () => {
			const ran: number[] = [];
			let isBroken = true;
			const draw = (page: number) => {
				ran.push(page);
				if (page === 1 && isBroken) throw new DarkroomError("moderated", { detail: "Not this page." });
				return page;
			};
			const story = job("story", async ({ step }) => {
				const pages = await step.map("page", [0, 1, 2], draw, { settle: true });
				if (pages.some((page) => !page.ok)) throw new DarkroomError("moderated", { detail: "Not all of them." });
				return step.run("bind", () => "bound");
			});
			const process = rig.open({ jobs: [story] });
			const failed = await runToEnd(process, story);
			isBroken = false;
			await process.darkroom.retryJob({ viewer: owner, jobId: failed.id });
			const done = await process.clock.until(
				seen(process, ({ version, status }) => version > failed.version && ["completed", "failed"].includes(status)),
			);
			expect(done).toMatchObject({ status: "completed", output: "bound" });
			// A service may begin the three in any order.
			expect([...ran.slice(0, 3).sort(), ...ran.slice(3)]).toEqual([0, 1, 2, 1]);
			expect(done.steps.map(({ name }) => name)).toEqual(["page:0", "page:1", "page:2", "bind"]);
		});

		test("and a step that was given up on is answered with its failure when the job is taken up again", async () => {
			const ran: string[] = [];
			const pages = job("pages", async ({ step }) => {
				const results = await step.map(
					"page",
					["fine", "refused", "slow"],
					(item) => {
						ran.push(item);
						if (item === "refused") throw new DarkroomError("moderated", { detail: "Not this page." });
						if (item !== "slow" || ran.filter((name) => name === "slow").length > 1) return item;
						throw new DarkroomError("throttled", { detail: "Later.", retryAfterMs: 6_000 });
					},
					{ settle: true },
				);
				return results.map((page) => (page.ok ? page.value : page.error.code));
			});
			const done = await runToEnd(rig.open({ jobs: [pages] }), pages);
			expect(done.output).toEqual(["fine", "moderated", "slow"]);
			expect(ran.slice(0, 3).sort()).toEqual(["fine", "refused", "slow"]);
			expect(ran.slice(3)).toEqual(["slow"]);
		});
	});

	describe("a step's result", () => {
		test.each<[string, () => unknown, unknown]>([
			["a Date", () => new Date(0), "1970-01-01T00:00:00.000Z"],
			["an object with holes", () => ({ a: undefined, b: [undefined, Number.NaN] }), { b: [null, null] }],
			["nothing", () => undefined, null],
			["what is not a number", () => Number.NaN, null],
			["a function", () => () => 1, null],
			["a class", () => new Map([[1, 2]]), {}],
			["a text", () => "text", "text"],
			["a number", () => 42, 42],
			["no", () => false, false],
		])("is JSON from the first time on: %s", async (_, make, expected) => {
			const results: unknown[] = [];
			const once = job("once", async ({ step }) => {
				results.push(await step.run("make", make));
				await step.sleep("rest", "6s");
			});
			const done = await runToEnd(rig.open({ jobs: [once] }), once);
			expect(done.status).toBe("completed");
			expect(results).toEqual([expected, expected]);
			expect(results.map((result) => typeof result)).toEqual([typeof expected, typeof expected]);
		});

		test("never holds bytes: the job fails at once and says which step it was", async () => {
			let tries = 0;
			const careless = job("careless", ({ step }) =>
				step.run("download", () => {
					tries++;
					return { picture: new Uint8Array(8) };
				}),
			);
			const failed = await runToEnd(rig.open({ jobs: [careless] }), careless);
			expect(failed).toMatchObject({ status: "failed", error: { code: "bytes_in_row", retryable: false } });
			expect(failed.error?.message).toContain('step "download"');
			expect(tries).toBe(1);
		});
	});

	test("what a step has to show is seen while the step is still at work", async () => {
		const goOn = signal();
		const draws = job("draws", ({ step }) =>
			step.run("draw", async ({ preview }) => {
				preview("sketch");
				await goOn.promise;
			}),
		);
		const process = rig.open({ jobs: [draws] });
		await process.darkroom.submit(draws, { owner, input: {} });
		const shown = await seen(process, ({ steps }) => steps[0]?.preview === "sketch");
		expect(shown).toMatchObject({ status: "running", steps: [{ name: "draw", status: "running" }] });
		goOn.resolve();
		const done = await seen(process, ({ status }) => status === "completed");
		expect(done.steps).toMatchObject([{ status: "completed", preview: "sketch" }]);
	});

	describe("names of steps", () => {
		test("that come again are counted on, and each keeps its own result", async () => {
			const rounds: unknown[] = [];
			const twice = job("twice", async ({ step }) => {
				const results = [
					await step.run("draw", () => "first"),
					await step.run("draw", () => "second"),
					await step.run("draw:2", () => "named so"),
					...(await step.map("draw", ["a", "b"], (item) => item)),
					await step.run("draw", () => "last"),
				];
				rounds.push(results);
				await step.sleep("rest", "6s");
			});
			const done = await runToEnd(rig.open({ jobs: [twice] }), twice);
			const expected = ["first", "second", "named so", "a", "b", "last"];
			expect(rounds).toEqual([expected, expected]);
			expect(new Set(done.steps.map(({ name }) => name)).size).toBe(7);
		});

		test("are not mixed up with the items of a map", async () => {
			const pages = job("pages", async ({ step }) => {
				const items = await step.map("page", [0, 1, 2], (item) => `item ${item}`);
				return [...items, await step.run("page", () => "the page itself")];
			});
			const done = await runToEnd(rig.open({ jobs: [pages] }), pages);
			expect(done).toMatchObject({ status: "completed", attempt: 1 });
			expect(done.output).toEqual(["item 0", "item 1", "item 2", "the page itself"]);
		});
	});
}

import { describe, expect, test } from "vitest";
import { DarkroomError } from "../../core/errors.ts";
import { type CreateRig, job, runToEnd, signal } from "./rig.testsuite.ts";

/** Many steps at a time. */
export function describeMap(createRig: CreateRig): void {
	const rig = createRig();

	const refuse = (page: number) => {
		throw new DarkroomError("moderated", { detail: `Page ${page} is refused.` });
	};

	describe("step.map", () => {
		test.each([
			[1, 4],
			[3, 10],
			[5, 5],
			[8, 3],
		])("never works on more than %i items at a time, and on as many where there are", async (concurrency, count) => {
			const all = Math.min(concurrency, count);
			const allAtWork = signal();
			let now = 0;
			let most = 0;
			const items = Array.from({ length: count }, (_, i) => i);
			const pages = job("pages", ({ step }) =>
				step.map(
					"page",
					items,
					async (item) => {
						most = Math.max(most, ++now);
						if (most === all) allAtWork.resolve();
						await allAtWork.promise;
						// Some give way often, some once, so that the lanes overtake each other.
						for (let turns = (item % 3) + 1; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
						now--;
						return item * 2;
					},
					{ concurrency },
				),
			);
			const done = await runToEnd(rig.open({ jobs: [pages] }), pages);
			expect(done.output).toEqual(items.map((item) => item * 2));
			expect(most).toBe(all);
		});

		test("settling, says of each item whether it came to be", async () => {
			const pages = job("pages", async ({ step }) => {
				const settled = await step.map("page", [1, 2, 3], (page) => (page === 2 ? refuse(page) : page), {
					settle: true,
				});
				return settled.map((page) => (page.ok ? page.value : page.error.message));
			});
			const done = await runToEnd(rig.open({ jobs: [pages] }), pages);
			expect(done).toMatchObject({ status: "completed", output: [1, "Page 2 is refused.", 3] });
			expect(done.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
				"page:0 completed",
				"page:1 failed",
				"page:2 completed",
			]);
		});

		test("not settling, fails with the first item that fails for good, and begins no other", async () => {
			const begun: number[] = [];
			const pages = job("pages", ({ step }) =>
				step.map(
					"page",
					[1, 2, 3, 4],
					(page) => {
						begun.push(page);
						return page === 2 ? refuse(page) : page;
					},
					{ concurrency: 1 },
				),
			);
			const failed = await runToEnd(rig.open({ jobs: [pages] }), pages);
			expect(failed).toMatchObject({ status: "failed", error: { code: "moderated", message: "Page 2 is refused." } });
			expect(begun).toEqual([1, 2]);
		});

		test("tries each item again on its own", async () => {
			const tries: number[] = [];
			const pages = job("pages", ({ step }) =>
				step.map("page", [0, 1, 2], (page, index, { attempt }) => {
					tries[index] = attempt;
					if (attempt <= page) throw new Error("not yet");
					return page;
				}),
			);
			expect((await runToEnd(rig.open({ jobs: [pages] }), pages)).output).toEqual([0, 1, 2]);
			expect(tries).toEqual([1, 2, 3]);
		});

		test("of nothing is nothing", async () => {
			const pages = job("pages", ({ step }) => step.map("page", [], () => 1));
			expect(await runToEnd(rig.open({ jobs: [pages] }), pages)).toMatchObject({ output: [], steps: [] });
		});
	});
}

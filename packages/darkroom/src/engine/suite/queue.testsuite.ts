import { describe, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { type CreateRig, final, finals, job, owner, signal } from "./rig.testsuite.ts";
import { turns } from "./settle.testsuite.ts";

/** What is next, and who may be where. */
export function describeQueue(createRig: CreateRig, hasPlaces: boolean): void {
	const rig = createRig();

	describe("the queue", () => {
		test("gives the higher priority first, and among equals the older", async ({ skip }) => {
			skip(!hasPlaces, "A service that has a place for each decides by itself which it calls first.");
			const order: unknown[] = [];
			const begun = signal();
			const goOn = signal();
			const draw = job("draw", async ({ input }) => {
				order.push(input);
				begun.resolve();
				if (input === "first") await goOn.promise;
			});
			const process = rig.open({ jobs: [draw], concurrency: 1 });
			const submit = (input: string, priority?: number) => process.darkroom.submit(draw, { owner, input, priority });
			await submit("first");
			await begun.promise;
			const ends = [];
			const waiting: [string, number?][] = [["low", -1], ["a"], ["b"], ["high", 5], ["c"]];
			for (const [input, priority] of waiting) ends.push(await submit(input, priority));
			goOn.resolve();
			await Promise.all(ends.map((end) => final(process, end)));
			expect(order).toEqual(["first", "high", "a", "b", "c", "low"]);
		});

		test("keeps a job that is to start later until its time", async () => {
			const startedAt: number[] = [];
			const later = job("later", () => void startedAt.push(process.clock.now()));
			const process = rig.open({ jobs: [later] });
			const runAt = process.clock.now() + 12_000;
			const submitted = await process.darkroom.submit(later, { owner, input: {}, runAt });
			await process.clock.advance(11_999 - rig.lateMs);
			expect(startedAt).toEqual([]);
			await process.clock.until(final(process, submitted));
			expect(startedAt[0]).toBeGreaterThanOrEqual(runAt);
			expect(startedAt[0]).toBeLessThanOrEqual(runAt + 1_000 + rig.lateMs);
		});

		test("never runs more of an owner's jobs than the definition allows, and keeps no one else waiting", async () => {
			const running = new Map<string, number>();
			const most = new Map<string, number>();
			const draw = job(
				"draw",
				async ({ job }) => {
					const now = (running.get(job.owner) ?? 0) + 1;
					running.set(job.owner, now);
					most.set(job.owner, Math.max(now, most.get(job.owner) ?? 0));
					// By then everything runs that may.
					await rig.settle();
					running.set(job.owner, (running.get(job.owner) as number) - 1);
				},
				{ limits: { runningPerOwner: 2 } },
			);
			const process = rig.open({ jobs: [draw] });
			const submitted = [];
			for (let i = 0; i < 12; i++) submitted.push(await process.darkroom.submit(draw, { owner, input: i }));
			const other = await process.darkroom.submit(draw, { owner: "grace", input: 0 });
			await final(process, other, "grace");
			// No time passes: places are passed on, not looked for.
			await Promise.all(submitted.map((one) => final(process, one)));
			expect(most.get(owner)).toBe(2);
		});

		test("leaves kinds that are not known here alone, and they block nobody", async () => {
			const foreign = job("foreign", () => "elsewhere");
			const known = job("known", () => "here");
			const first = rig.open({ jobs: [foreign, known], concurrency: 0 });
			const left = await first.darkroom.submit(foreign, { owner, input: {} });
			const second = rig.open({ jobs: [known] });
			const submitted = await second.darkroom.submit(known, { owner, input: {} });
			expect(await final(second, submitted)).toMatchObject({ output: "here" });
			expect(await second.darkroom.getJob({ viewer: owner, jobId: left.id })).toMatchObject({
				status: "queued",
				attempt: 0,
			});
			const third = rig.open({ jobs: [foreign] });
			await third.darkroom.start();
			expect(await third.clock.until(final(third, left))).toMatchObject({ output: "elsewhere" });
		});

		test("runs what is claimed next by the definition as it is then", async () => {
			const begun = signal();
			const goOn = signal();
			const old = job("draw", async () => {
				begun.resolve();
				await goOn.promise;
				return "old";
			});
			const process = rig.open({ jobs: [old], concurrency: 1 });
			const first = await process.darkroom.submit(old, { owner, input: {} });
			await begun.promise;
			const second = await process.darkroom.submit(old, { owner, input: {} });
			process.darkroom.define([job("draw", () => "new")]);
			goOn.resolve();
			expect(await final(process, first)).toMatchObject({ output: "old" });
			expect(await final(process, second)).toMatchObject({ output: "new" });
		});

		test("has nothing left waiting when many come at once, though no time passes", async () => {
			const quick = job("quick", ({ step }) => step.run("only", () => turns(1)));
			const process = rig.open({ jobs: [quick], concurrency: 3 });
			await Promise.all(Array.from({ length: 100 }, (_, i) => process.darkroom.submit(quick, { owner, input: i })));
			const done = await finals(process, 100);
			expect(done.filter(({ status }) => status === "completed")).toHaveLength(100);
		});

		test("takes up at once what is submitted while a claim is on its way", async () => {
			const quick = job("quick", () => "done");
			const process = rig.open({ jobs: [quick], concurrency: 1 });
			for (let i = 0; i < 20; i++) {
				// Each end sets off a claim; the next submits fall into its turn, before it and after it.
				const submitted = await Promise.all(
					[0, 1].map((n) => process.darkroom.submit(quick, { owner, input: [i, n] })),
				);
				await final(process, submitted[0] as { id: string });
				const next = await process.darkroom.submit(quick, { owner, input: [i, "next"] });
				await Promise.all([...submitted, next].map((one) => final(process, one)));
			}
		});
	});

	describe("a submit", () => {
		test("with the same key, twenty times at once, is one job that is charged once", async () => {
			let ran = 0;
			const draw = job("draw", () => ++ran, { credits: { price: 2 } });
			const process = rig.open({ jobs: [draw] });
			await process.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
			const submitted = await Promise.all(
				Array.from({ length: 20 }, () =>
					process.darkroom.submit(draw, { owner, input: { a: 1 }, idempotencyKey: "k" }),
				),
			);
			expect(new Set(submitted.map(({ id }) => id)).size).toBe(1);
			const again = await final(process, submitted[0] as { id: string });
			expect(again).toMatchObject({ status: "completed", charged: 2 });
			expect(ran).toBe(1);
			expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 8, held: 0, available: 8 });
			const mismatch = process.darkroom.submit(draw, { owner, input: { a: 2 }, idempotencyKey: "k" });
			await expect(mismatch).rejects.toMatchObject({ code: "idempotency_mismatch" });
		});

		test("after the stop is refused as `stopped`, and so is a start", async () => {
			const draw = job("draw", () => "done");
			const process = rig.open({ jobs: [draw] });
			await process.darkroom.start();
			await process.darkroom.stop();
			for (const attempt of [process.darkroom.submit(draw, { owner, input: {} }), process.darkroom.start()]) {
				const refusal = await attempt.catch((error: unknown) => error);
				expect(isDarkroomError(refusal, "stopped")).toBe(true);
			}
		});

		test.each([
			["a start at no time", { runAt: Number.NaN }],
			["a start between two milliseconds", { runAt: 0.5 }],
			["half a priority", { priority: 0.5 }],
		])("with %s is refused, and takes no other submit of its turn with it", async (_, faulty) => {
			const draw = job("draw", () => "done");
			const process = rig.open({ jobs: [draw] });
			const [refused, accepted] = await Promise.allSettled([
				process.darkroom.submit(draw, { owner, input: {}, ...faulty }),
				process.darkroom.submit(draw, { owner, input: {} }),
			]);
			expect(refused).toMatchObject({ status: "rejected", reason: { code: "invalid_input" } });
			expect(accepted.status).toBe("fulfilled");
		});
	});
}

import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Store } from "../../store/store.ts";
import type { RunContext } from "../context.ts";
import { type CreateRig, final, job, never, owner, runToEnd, signal } from "./rig.testsuite.ts";

/** Every way a job ends, and what it may not do afterwards. */
export function describeEndings(createRig: CreateRig): void {
	const rig = createRig();

	const credits = { credits: { price: 2 } };
	const grant = { owner, amount: 10, key: "starter" };
	const untouched = { posted: 10, held: 0, available: 10 };
	/** An error whose own code throws as soon as somebody looks at it. */
	const unreadable = Object.defineProperty(new Error("hidden"), "name", {
		get: () => {
			throw new TypeError("cannot be looked at");
		},
	});

	describe("a cancelled job", () => {
		test("that runs has its signal aborted at once, is not charged, and what it does later bounces", async () => {
			const begun = signal();
			const aborted = signal<unknown>();
			const goOn = signal();
			const endedLate = signal();
			let after = 0;
			const stubborn = job(
				"stubborn",
				async ({ step, signal, progress }) => {
					signal.addEventListener("abort", () => aborted.resolve(signal.reason));
					await step.run("draw", async () => {
						begun.resolve();
						await goOn.promise;
						progress(90, "too late");
						endedLate.resolve();
						return "late";
					});
					after++;
				},
				credits,
			);
			const process = rig.open({ jobs: [stubborn] });
			await process.darkroom.grantCredits(grant);
			const { id: jobId } = await process.darkroom.submit(stubborn, { owner, input: {} });
			await begun.promise;
			// What is still being written of the step would bounce, and could tell first that the lease is lost.
			await rig.settle();
			const cancelled = await process.darkroom.cancelJob({ viewer: owner, jobId });
			expect(cancelled).toMatchObject({ status: "cancelled", charged: 0, error: { code: "cancelled" } });
			expect(await aborted.promise).toMatchObject({ code: "cancelled" });
			goOn.resolve();
			await endedLate.promise;
			await rig.settle();
			const later = await process.darkroom.getJob({ viewer: owner, jobId });
			expect(later).toMatchObject({ status: "cancelled", version: cancelled.version, message: null });
			expect(after).toBe(0);
			expect(await process.darkroom.getBalance(owner)).toEqual(untouched);
		});

		test("that is queued never starts and gives its hold back", async () => {
			const started: string[] = [];
			const begun = signal();
			const slow = job(
				"slow",
				async ({ input }) => {
					started.push(input as string);
					begun.resolve();
					await never;
				},
				// On every engine, whether its processes have places or not.
				{ ...credits, limits: { runningPerOwner: 1 } },
			);
			const process = rig.open({ jobs: [slow] });
			const { darkroom } = process;
			await darkroom.grantCredits(grant);
			const running = await darkroom.submit(slow, { owner, input: "first" });
			await begun.promise;
			const queued = await darkroom.submit(slow, { owner, input: "second" });
			expect(await darkroom.cancelJob({ viewer: owner, jobId: queued.id })).toMatchObject({ status: "cancelled" });
			expect(await darkroom.getBalance(owner)).toMatchObject({ held: 2 });
			await darkroom.cancelJob({ viewer: owner, jobId: running.id });
			await rig.settle();
			expect(started).toEqual(["first"]);
			expect(await darkroom.getBalance(owner)).toEqual(untouched);
		});

		test("whose app cannot say what was delivered ends all the same, and costs nothing", async () => {
			const begun = signal();
			const delivered = () => {
				throw new Error("?");
			};
			const faulty = job(
				"faulty",
				async () => {
					begun.resolve();
					await never;
				},
				{ credits: { price: 2, delivered } },
			);
			const { darkroom, logged } = rig.open({ jobs: [faulty] });
			await darkroom.grantCredits(grant);
			const { id: jobId } = await darkroom.submit(faulty, { owner, input: {} });
			await begun.promise;
			expect(await darkroom.cancelJob({ viewer: owner, jobId })).toMatchObject({ status: "cancelled", charged: 0 });
			expect(await darkroom.getBalance(owner)).toEqual(untouched);
			expect(logged).toContainEqual({
				message: "could not tell what was delivered",
				fields: expect.objectContaining({ jobId, kind: "faulty", err: expect.any(Error) }),
			});
		});
	});

	describe("a job that takes too long", () => {
		test("ends at its deadline even if it ignores its signal; its place is free, and its late result bounces", async () => {
			const goOn = signal();
			const returned = signal();
			const reasons: boolean[] = [];
			const deaf = job(
				"deaf",
				async ({ signal }) => {
					await goOn.promise;
					reasons.push(signal.aborted);
					returned.resolve();
					return "late";
				},
				{ ...credits, timeout: "6s" },
			);
			const next = job("next", () => "done");
			const process = rig.open({ jobs: [deaf, next], concurrency: 1 });
			await process.darkroom.grantCredits(grant);
			const startedAt = process.clock.now();
			const late = await process.darkroom.submit(deaf, { owner, input: {} });
			const waiting = await process.darkroom.submit(next, { owner, input: {} });
			const failed = await process.clock.until(final(process, late));
			expect(failed).toMatchObject({ status: "failed", charged: 0, error: { code: "timed_out" } });
			expect(process.clock.now() - startedAt).toBeLessThanOrEqual(7_000 + rig.lateMs);
			expect(await final(process, waiting)).toMatchObject({ status: "completed", output: "done" });
			goOn.resolve();
			await returned.promise;
			await rig.settle();
			expect(reasons).toEqual([true]);
			const later = await process.darkroom.getJob({ viewer: owner, jobId: late.id });
			expect(later).toMatchObject({ status: "failed", version: failed.version });
			expect(await process.darkroom.getBalance(owner)).toEqual(untouched);
		});
	});

	describe("a completed job's output", () => {
		const picture = z.object({ picture: z.string().trim(), size: z.number().default(512) });
		test.each([
			["at once", picture],
			["after a while", picture.refine(async () => true)],
		])("is what its schema makes of it, %s", async (_, output) => {
			const draw = job("draw", () => ({ picture: " cat ", note: "dropped" }), {
				output: output as unknown as z.ZodAny,
			});
			const done = await runToEnd(rig.open({ jobs: [draw] }), draw);
			expect(done).toMatchObject({ status: "completed" });
			expect(done.output).toEqual({ picture: "cat", size: 512 });
		});
	});

	describe("a job that fails is not charged, and says why", () => {
		const output = z.object({ picture: z.string() }) as unknown as z.ZodAny;
		test.each([
			[
				"throws before its first await",
				() => {
					throw new Error("at once");
				},
				{},
				"failed",
			],
			["rejects with what is no error", () => Promise.reject("just words"), {}, "failed"],
			["rejects with nothing at all", () => Promise.reject(undefined), {}, "failed"],
			["rejects", () => Promise.reject(new TypeError("later")), {}, "failed"],
			["returns what its schema refuses", () => ({ picture: 7 }), { output }, "invalid_output"],
			["returns bytes", () => ({ picture: new Uint8Array(3) }), {}, "bytes_in_row"],
			["returns too much", () => "x".repeat(300_000), {}, "too_large"],
			["returns what is no JSON", () => ({ id: 1n }), {}, "failed"],
			[
				"cannot say what was delivered",
				() => "ok",
				{
					credits: {
						price: 2,
						capture: () => {
							throw new Error("?");
						},
					},
				},
				"failed",
			],
			["throws what cannot even be looked at", () => Promise.reject(unreadable), {}, "internal"],
			[
				"throws what cannot be looked at in a step",
				({ step }: RunContext<unknown>) => step.run("draw", () => Promise.reject(unreadable)),
				{},
				"failed",
			],
			[
				"throws what cannot be looked at when it counts what was delivered",
				() => "ok",
				{
					credits: {
						price: 2,
						capture: () => {
							throw unreadable;
						},
					},
				},
				"internal",
			],
		])("when its code %s", async (_, run, rest, code) => {
			const faulty = job("faulty", run, { ...credits, ...rest });
			const process = rig.open({ jobs: [faulty] });
			await process.darkroom.grantCredits(grant);
			const { id } = await process.darkroom.submit(faulty, { owner, input: {} });
			// No time passes: nothing of this may be left to a lease that runs out.
			expect(await final(process, { id })).toMatchObject({ status: "failed", attempt: 1, charged: 0, error: { code } });
			expect(await process.darkroom.getBalance(owner)).toEqual(untouched);
		});

		test("when its end is refused for a reason that nobody foresaw", async () => {
			const fine = job("fine", () => "ok", credits);
			const completeJob = () => Promise.reject(new Error("constraint failed"));
			const process = rig.open({ jobs: [fine], store: (own) => ({ ...own, completeJob }) });
			await process.darkroom.grantCredits(grant);
			const { id } = await process.darkroom.submit(fine, { owner, input: {} });
			const error = { code: "internal", retryable: true };
			expect(await final(process, { id })).toMatchObject({ status: "failed", attempt: 1, charged: 0, error });
			expect(await process.darkroom.getBalance(owner)).toEqual(untouched);
		});

		test("when no end of it can be written at all, after no more attempts than it may have", async () => {
			const fine = job("fine", () => "ok", { ...credits, maxAttempts: 2 });
			const refuse = () => Promise.reject(new Error("constraint failed"));
			const store = (own: Store) => ({ ...own, completeJob: refuse, failJob: refuse });
			const process = rig.open({ jobs: [fine], store });
			await process.darkroom.grantCredits(grant);
			const failed = await runToEnd(process, fine);
			expect(failed).toMatchObject({ status: "failed", charged: 0, error: { code: "worker_lost" } });
			expect(failed.attempt).toBeLessThanOrEqual(2);
			expect(await process.darkroom.getBalance(owner)).toEqual(untouched);
		});

		test("and the words of a foreign error stay out of the row", async () => {
			const leaky = job("leaky", () => Promise.reject(new Error("key sk-123 refused")));
			const failed = await runToEnd(rig.open({ jobs: [leaky] }), leaky);
			expect(JSON.stringify(failed)).not.toContain("sk-123");
		});
	});
}

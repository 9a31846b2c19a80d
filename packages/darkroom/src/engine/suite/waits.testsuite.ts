import { describe, expect, test } from "vitest";
import { constant, exponential } from "../../core/backoff.ts";
import { DarkroomError } from "../../core/errors.ts";
import { type CreateRig, final, job, never, owner, runToEnd, seen, signal } from "./rig.testsuite.ts";

/** No wait that gives its place back ends later than the next look at the queue. */
const lookMs = 1_000;

const throttled = (retryAfterMs?: number) => new DarkroomError("throttled", { detail: "Busy.", retryAfterMs });
const gaps = (times: readonly number[]) => times.slice(1).map((time, i) => time - (times[i] as number));

/** Tries of a step, and the waits in between. */
export function describeWaits(createRig: CreateRig): void {
	const rig = createRig();

	describe("tries of a step", () => {
		test("are counted for each step on its own, and the waits between them grow within their jitter", async () => {
			const process = rig.open({ jobs: [] });
			const times = { a: [] as number[], b: [] as number[] };
			const numbers: number[] = [];
			const flaky = job(
				"flaky",
				async ({ step }) => {
					for (const name of ["a", "b"] as const) {
						await step.run(name, ({ attempt }) => {
							times[name].push(process.clock.now());
							numbers.push(attempt);
							if (attempt < 4) throw new Error("not yet");
						});
					}
				},
				{ retry: { attempts: 4, backoff: exponential("500ms", { jitter: 0.5 }) } },
			);
			process.darkroom.define([flaky]);
			const done = await runToEnd(process, flaky);
			expect(done.status).toBe("completed");
			expect(done.steps.map(({ attempts }) => attempts)).toEqual([4, 4]);
			expect(numbers).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
			for (const waits of [gaps(times.a), gaps(times.b)]) {
				for (const [i, full] of [500, 1_000, 2_000].entries()) {
					expect(waits[i]).toBeGreaterThanOrEqual(full / 2);
					expect(waits[i]).toBeLessThanOrEqual(full + rig.lateMs);
				}
			}
		});

		test("end with the last that is allowed, and the job fails with that error", async () => {
			let tries = 0;
			const hopeless = job("hopeless", ({ step }) =>
				step.run("draw", () => {
					tries++;
					throw throttled();
				}),
			);
			const failed = await runToEnd(rig.open({ jobs: [hopeless] }), hopeless);
			expect(failed).toMatchObject({ status: "failed", error: { code: "throttled", retryable: true } });
			expect(failed.steps).toMatchObject([{ status: "failed", attempts: 3, error: { code: "throttled" } }]);
			expect(tries).toBe(3);
		});

		test("are as many as the step itself says, where it says so", async () => {
			let tries = 0;
			const once = job("once", ({ step }) =>
				step.run("draw", () => Promise.reject(new Error(`try ${++tries}`)), { retry: { attempts: 1 } }),
			);
			expect((await runToEnd(rig.open({ jobs: [once] }), once)).status).toBe("failed");
			expect(tries).toBe(1);
		});

		test("are not repeated for what would fail again", async () => {
			let tries = 0;
			const moderated = job("moderated", ({ step }) =>
				step.run("draw", () => {
					tries++;
					throw new DarkroomError("moderated", { detail: "Refused." });
				}),
			);
			const process = rig.open({ jobs: [moderated] });
			const { id } = await process.darkroom.submit(moderated, { owner, input: {} });
			// No time passes: it fails at once.
			expect(await final(process, { id })).toMatchObject({ status: "failed", error: { code: "moderated" } });
			expect(tries).toBe(1);
		});

		test("keep their number when a crash cuts one off", async () => {
			const numbers: number[] = [];
			const atSecond = signal();
			let isFirstProcess = true;
			const flaky = job(
				"flaky",
				({ step }) =>
					step.run("draw", ({ attempt }) => {
						numbers.push(attempt);
						if (attempt === 1) throw new Error("the first always fails");
						if (!isFirstProcess) return "drawn";
						atSecond.resolve();
						return never;
					}),
				{ retry: { attempts: 2, backoff: constant(100) } },
			);
			const first = rig.open({ jobs: [flaky] });
			const submitted = await first.darkroom.submit(flaky, { owner, input: {} });
			await first.clock.until(atSecond.promise);
			await seen(first, ({ steps }) => steps[0]?.attempts === 2 && steps[0].status === "running");
			await first.crash();
			isFirstProcess = false;
			const second = rig.open({ jobs: [flaky] });
			await second.darkroom.start();
			expect(await second.clock.until(final(second, submitted))).toMatchObject({ status: "completed" });
			expect(numbers).toEqual([1, 2, 2]);
		});
	});

	describe("Retry-After", () => {
		test.each([
			["longer than the backoff", 3_000, 10, 3_000],
			["shorter than the backoff", 10, 3_000, 3_000],
			["so long that the place is given back", 8_000, 10, 8_000],
		])("is honoured when it is %s", async (_, retryAfterMs, backoffMs, expectedMs) => {
			const process = rig.open({ jobs: [] });
			const times: number[] = [];
			const busy = job(
				"busy",
				({ step }) =>
					step.run("draw", ({ attempt }) => {
						times.push(process.clock.now());
						if (attempt === 1) throw throttled(retryAfterMs);
					}),
				{ retry: { attempts: 2, backoff: constant(backoffMs) } },
			);
			process.darkroom.define([busy]);
			expect((await runToEnd(process, busy)).status).toBe("completed");
			const [wait] = gaps(times);
			expect(wait).toBeGreaterThanOrEqual(expectedMs);
			expect(wait).toBeLessThanOrEqual(expectedMs + lookMs + rig.lateMs);
		});

		test("of one item does not hold up the short wait of another", async () => {
			const process = rig.open({ jobs: [] });
			const startedAt = process.clock.now();
			const retriedAt: Record<string, number> = {};
			const pages = job(
				"pages",
				({ step }) =>
					step.map("page", ["short", "long"], (item, _, { attempt }) => {
						if (attempt === 1) throw throttled(item === "long" ? 8_000 : 0);
						retriedAt[item] = process.clock.now() - startedAt;
					}),
				{ retry: { attempts: 2, backoff: constant("1s") } },
			);
			process.darkroom.define([pages]);
			expect((await runToEnd(process, pages)).status).toBe("completed");
			expect(retriedAt.short).toBeGreaterThanOrEqual(1_000);
			expect(retriedAt.short).toBeLessThanOrEqual(1_000 + rig.lateMs);
			expect(retriedAt.long).toBeGreaterThanOrEqual(8_000);
		});
	});

	describe("a wait that is cut short", () => {
		test("because another item is due before, is waited to its end by the next attempt", async () => {
			const process = rig.open({ jobs: [] });
			const startedAt = process.clock.now();
			const times: Record<string, number[]> = { soon: [], late: [] };
			const pages = job(
				"pages",
				({ step }) =>
					step.map("page", ["soon", "late"], (item, _, { attempt }) => {
						times[item]?.push(process.clock.now() - startedAt);
						if (attempt === 1) throw throttled(item === "soon" ? 6_000 : 15_000);
					}),
				{ retry: { attempts: 2, backoff: constant(10) } },
			);
			process.darkroom.define([pages]);
			expect(await runToEnd(process, pages)).toMatchObject({ status: "completed", attempt: 1 });
			const [soon, late] = [times.soon?.[1], times.late?.[1]];
			expect(soon).toBeGreaterThanOrEqual(6_000);
			expect(soon).toBeLessThanOrEqual(6_000 + lookMs + rig.lateMs);
			expect(late).toBeGreaterThanOrEqual(15_000);
			expect(late).toBeLessThanOrEqual(15_000 + lookMs + rig.lateMs);
		});
	});

	describe("a long wait", () => {
		test("gives its place to another job, costs no attempt, and ends at its time", async () => {
			const process = rig.open({ jobs: [], concurrency: 1 });
			const log: [string, number][] = [];
			const startedAt = process.clock.now();
			const note = (what: string) => void log.push([what, process.clock.now() - startedAt]);
			const sleeper = job("sleeper", async ({ step }) => {
				await step.sleep("rest", "8s");
				note("woke");
			});
			const other = job("other", () => note("other"));
			process.darkroom.define([sleeper, other]);
			const asleep = await process.darkroom.submit(sleeper, { owner, input: {} });
			await seen(
				process,
				({ id, status, startedAt }) => id === asleep.id && status === "queued" && startedAt !== undefined,
			);
			await final(process, await process.darkroom.submit(other, { owner, input: {} }));
			const done = await process.clock.until(final(process, asleep));
			expect(done).toMatchObject({ status: "completed", attempt: 1 });
			expect(log.map(([what]) => what)).toEqual(["other", "woke"]);
			const wokeAt = log[1]?.[1];
			expect(wokeAt).toBeGreaterThanOrEqual(8_000);
			expect(wokeAt).toBeLessThanOrEqual(8_000 + lookMs + rig.lateMs);
		});

		test("goes on after a crash, it does not begin anew", async () => {
			const wokeAt: number[] = [];
			const sleeper = job("sleeper", async ({ step }) => {
				await step.sleep("rest", "12s");
				await step.run("wake", () => void wokeAt.push(process.clock.now()));
			});
			let process = rig.open({ jobs: [sleeper] });
			const startedAt = process.clock.now();
			const asleep = await process.darkroom.submit(sleeper, { owner, input: {} });
			await seen(process, ({ status, startedAt }) => status === "queued" && startedAt !== undefined);
			await process.clock.advance(8_000);
			await process.crash();
			process = rig.open({ jobs: [sleeper] });
			await process.darkroom.start();
			expect(await process.clock.until(final(process, asleep))).toMatchObject({ status: "completed", attempt: 1 });
			expect(wokeAt[0]).toBeLessThanOrEqual(startedAt + 12_000 + lookMs + rig.lateMs);
			expect(wokeAt[0]).toBeGreaterThanOrEqual(startedAt + 12_000);
		});

		test("does not outlast the job's deadline", async () => {
			const sleeper = job("sleeper", ({ step }) => step.sleep("rest", "1h"), { timeout: "6s" });
			const process = rig.open({ jobs: [sleeper] });
			const startedAt = process.clock.now();
			expect(await runToEnd(process, sleeper)).toMatchObject({ status: "failed", error: { code: "timed_out" } });
			expect(process.clock.now() - startedAt).toBeLessThanOrEqual(6_000 + lookMs + rig.lateMs);
		});
	});
}

import { describe, expect, test } from "vitest";
import { constant } from "../../core/backoff.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { Store } from "../../store/store.ts";
import type { Operation, RunContext, StepContext } from "../context.ts";
import { type CreateRig, final, job, never, owner, type Process, runToEnd, seen, signal } from "./rig.testsuite.ts";

/** No wait that gives its place back ends later than the next look at the queue. */
const lookMs = 1_000;

/** A provider as an operation knows it, and what it was asked. */
function createProvider(isDone: (looks: number) => boolean = (looks) => looks >= 3) {
	const asked = { keys: [] as string[], looks: [] as string[], tries: [] as number[], cancelled: [] as string[] };
	const operation: Operation<{ id: string }, { video: string }> = {
		start({ idempotencyKey }: StepContext) {
			asked.keys.push(idempotencyKey);
			return { id: `op-${asked.keys.length}` };
		},
		check({ id }, { attempt }) {
			asked.looks.push(id);
			asked.tries.push(attempt);
			return isDone(asked.looks.length) ? { done: true, value: { video: `of ${id}` } } : { done: false };
		},
		cancel({ id }) {
			asked.cancelled.push(id);
		},
	};
	return { asked, operation };
}

const rendering = (operation: Operation<{ id: string }, unknown>) => (context: RunContext<unknown>) =>
	context.step.operation("render", operation);

/** The operation was begun, and its handle is kept. */
const isUnderWay = ({ steps }: { readonly steps: readonly { name: string; status: string }[] }) =>
	steps.some(({ name, status }) => name === "render" && status === "running");

/** Submits, and resolves when the operation is under way. */
async function underWay({ darkroom, clock }: Process, kind: string) {
	const submitted = await darkroom.submit(kind, { owner, input: {} });
	await clock.until(seen({ darkroom }, (snapshot) => snapshot.id === submitted.id && isUnderWay(snapshot)));
	return submitted;
}

/** Providers that answer later: asked once, looked at until they are done, told when nobody waits any more. */
export function describeOperation(createRig: CreateRig): void {
	const rig = createRig();

	describe("operations", () => {
		describe("an operation", () => {
			test("is started once and looked at until it is done; its result is the step's", async () => {
				const { asked, operation } = createProvider();
				const results: unknown[] = [];
				const film = job("film", async ({ step }) => {
					results.push(await step.operation("render", operation));
					await step.sleep("rest", "6s");
				});
				const process = rig.open({ jobs: [film] });
				const { id } = await underWay(process, "film");
				const waiting = await process.darkroom.getJob({ viewer: owner, jobId: id });
				expect(waiting.steps).toEqual([
					{ name: "render:start", status: "completed", attempts: 1 },
					{ name: "render", status: "running", attempts: 1 },
				]);
				const done = await process.clock.until(final(process, { id }));
				expect(done).toMatchObject({ status: "completed", attempt: 1 });
				expect(asked).toEqual({
					keys: [`${id}:render:start`],
					looks: ["op-1", "op-1", "op-1"],
					tries: [1, 1, 1],
					cancelled: [],
				});
				expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(new Set(['{"video":"of op-1"}']));
				expect(done.steps.map(({ name, status }) => [name, status])).toEqual([
					["render:start", "completed"],
					["render", "completed"],
					["rest", "completed"],
				]);
			});

			test("is looked at as often as it says, and its waits give the place back when they are long", async () => {
				const process = rig.open({ jobs: [], concurrency: 1 });
				const startedAt = process.clock.now();
				const looks: number[] = [];
				const { operation } = createProvider((count) => {
					looks.push(process.clock.now() - startedAt);
					return count === 3;
				});
				const waits = [1_000, 6_000, 9_000];
				const every = (look: number) => waits[look - 1] as number;
				const between = signal<number>();
				const film = job("film", rendering({ ...operation, every }));
				const other = job("other", () => between.resolve(looks.length));
				process.darkroom.define([film, other]);
				const { id } = await process.darkroom.submit(film, { owner, input: {} });
				await process.clock.until(
					seen(process, ({ status, startedAt: at }) => status === "queued" && at !== undefined),
				);
				await final(process, await process.darkroom.submit(other, { owner, input: {} }));
				expect(await between.promise).toBe(1);
				expect(await process.clock.until(final(process, { id }))).toMatchObject({ status: "completed", attempt: 1 });
				for (const [i, dueAt] of [1_000, 7_000, 16_000].entries()) {
					expect(looks[i]).toBeGreaterThanOrEqual(dueAt);
					expect(looks[i]).toBeLessThanOrEqual(dueAt + 2 * lookMs + rig.lateMs);
				}
			});

			test("moves the job's progress by the share of its step", async () => {
				const { operation } = createProvider();
				let looks = 0;
				const check = () => (++looks === 1 ? { done: false as const, progress: 50 } : { done: false as const });
				const film = job("film", rendering({ ...operation, check, every: constant("1s") }));
				const process = rig.open({ jobs: [film] });
				const { id } = await underWay(process, "film");
				// One of ten steps is complete, and the second is half done.
				const moved = await process.clock.until(seen(process, ({ progress }) => progress > 10));
				expect(moved).toMatchObject({ id, progress: 15, status: "running" });
				await process.darkroom.cancelJob({ viewer: owner, jobId: id });
			});

			test("next to another one is looked at for itself, and each keeps its own result", async () => {
				const a = createProvider((looks) => looks >= 2);
				const b = createProvider((looks) => looks >= 4);
				const film = job("film", async ({ step }) =>
					Promise.all([
						step.operation("render", { ...a.operation, every: constant("6s") }),
						step.operation("render", { ...b.operation, every: constant("7s") }),
					]),
				);
				const process = rig.open({ jobs: [film] });
				const startedAt = process.clock.now();
				const done = await runToEnd(process, film);
				// Four times 7 s, at the most each after the other's wait; no lease had to run out in between.
				expect(process.clock.now() - startedAt).toBeLessThanOrEqual(29_000 + 4 * lookMs + rig.lateMs);
				expect(done).toMatchObject({ status: "completed", attempt: 1 });
				expect(done.output).toEqual([{ video: "of op-1" }, { video: "of op-1" }]);
				expect([a.asked.keys.length, a.asked.looks.length]).toEqual([1, 2]);
				expect([b.asked.keys.length, b.asked.looks.length]).toEqual([1, 4]);
				expect(done.steps.map(({ name }) => name).sort()).toEqual([
					"render",
					"render:2",
					"render:2:start",
					"render:start",
				]);
			});
		});

		describe("an operation that is interrupted", () => {
			test("by a crash while it is waited for goes on with its handle and is not started again", async () => {
				const { asked, operation } = createProvider((looks) => looks >= 2);
				const film = job("film", rendering({ ...operation, every: constant("2s") }));
				const first = rig.open({ jobs: [film] });
				const submitted = await underWay(first, "film");
				await first.crash();
				const second = rig.open({ jobs: [film] });
				await second.darkroom.start();
				const done = await second.clock.until(final(second, submitted));
				expect(done).toMatchObject({ status: "completed", attempt: rig.attemptAfterCrash });
				expect(asked).toMatchObject({ keys: [`${submitted.id}:render:start`], cancelled: [] });
				expect(new Set(asked.looks)).toEqual(new Set(["op-1"]));
			});

			test("by a crash before its handle is kept is started again with the same key", async () => {
				const { asked, operation } = createProvider((looks) => looks >= 1);
				const film = job("film", rendering(operation));
				const answered = signal();
				const store = (own: Store): Store => ({
					...own,
					completeStep: (row) => {
						if (row.name !== "render:start") return own.completeStep(row);
						answered.resolve();
						return never;
					},
				});
				const first = rig.open({ jobs: [film], store });
				const submitted = await first.darkroom.submit(film, { owner, input: {} });
				await first.clock.until(answered.promise);
				await first.crash();
				const second = rig.open({ jobs: [film] });
				await second.darkroom.start();
				expect(await second.clock.until(final(second, submitted))).toMatchObject({ status: "completed" });
				const key = `${submitted.id}:render:start`;
				expect(asked).toMatchObject({ keys: [key, key], looks: ["op-2"] });
			});

			test("by a stop is handed on, and its provider is told nothing", async () => {
				const { asked, operation } = createProvider((looks) => looks >= 2);
				const film = job("film", rendering({ ...operation, every: constant("2s") }));
				const first = rig.open({ jobs: [film] });
				const submitted = await underWay(first, "film");
				await first.clock.until(first.darkroom.stop({ graceMs: 0 }));
				await first.crash();
				expect(asked.cancelled).toEqual([]);
				const second = rig.open({ jobs: [film] });
				await second.darkroom.start();
				expect(await second.clock.until(final(second, submitted))).toMatchObject({ status: "completed" });
				expect(asked).toMatchObject({ keys: [`${submitted.id}:render:start`], cancelled: [] });
			});
		});

		describe("a look that fails", () => {
			const busy = (retryAfterMs?: number) => new DarkroomError("throttled", { detail: "Busy.", retryAfterMs });

			test("is tried again by the retry rules, and one that succeeds begins the count anew", async () => {
				const process = rig.open({ jobs: [] });
				const times: number[] = [];
				const tries: number[] = [];
				const { operation } = createProvider();
				const film = job(
					"film",
					rendering({
						...operation,
						check(_, { attempt }) {
							times.push(process.clock.now());
							tries.push(attempt);
							if ([1, 2, 4].includes(tries.length)) throw busy(tries.length === 4 ? 8_000 : undefined);
							return tries.length < 5 ? { done: false } : { done: true, value: "done" };
						},
						every: constant("2s"),
						retry: { attempts: 3, backoff: constant("1s") },
					}),
				);
				process.darkroom.define([film]);
				const { id } = await process.darkroom.submit(film, { owner, input: {} });
				const failed = await process.clock.until(seen(process, ({ steps }) => steps[1]?.status === "failed"));
				expect(failed.steps[1]).toMatchObject({ name: "render", attempts: 1, error: { code: "throttled" } });
				const done = await process.clock.until(final(process, { id }));
				expect(done).toMatchObject({ status: "completed", output: "done", steps: [{}, { status: "completed" }] });
				expect(tries).toEqual([1, 2, 3, 1, 2]);
				const waits = times.slice(1).map((time, i) => time - (times[i] as number));
				for (const [i, dueMs] of [1_000, 1_000, 2_000, 8_000].entries()) {
					expect(waits[i]).toBeGreaterThanOrEqual(dueMs);
					expect(waits[i]).toBeLessThanOrEqual(dueMs + lookMs + rig.lateMs);
				}
			});

			test.each([
				["as often as it may", () => busy(), 3, "throttled"],
				["for good", () => new DarkroomError("moderated", { detail: "No." }), 1, "moderated"],
			])("%s fails the step, and the code may catch it", async (_, error, looks, code) => {
				const { asked, operation } = createProvider((count) => {
					if (count > 0) throw error();
					return false;
				});
				const film = job("film", async (context) => {
					const render = rendering({ ...operation, retry: { attempts: 3, backoff: constant("6s") } });
					const caught = await render(context).catch((failure: DarkroomError) => failure.code);
					return context.step.run("next", () => caught);
				});
				const done = await runToEnd(rig.open({ jobs: [film] }), film);
				expect(done).toMatchObject({ status: "completed", output: code });
				expect(done.steps[1]).toMatchObject({ name: "render", status: "failed", attempts: looks, error: { code } });
				expect(asked.looks).toHaveLength(looks);
				expect(asked.keys).toHaveLength(1);
			});
		});

		describe("the provider is told that nobody waits any more, once,", () => {
			const unending = () => createProvider(() => false);

			test("when the job is cancelled while it is looked at, whose signal aborts", async () => {
				const { asked, operation } = unending();
				const looking = signal();
				const aborted = signal<unknown>();
				const film = job(
					"film",
					rendering({
						...operation,
						check(_, step) {
							step.signal.addEventListener("abort", () => aborted.resolve(step.signal.reason));
							looking.resolve();
							return never;
						},
					}),
				);
				const process = rig.open({ jobs: [film] });
				const { id: jobId } = await underWay(process, "film");
				await process.clock.until(looking.promise);
				await rig.settle();
				await process.darkroom.cancelJob({ viewer: owner, jobId });
				expect(await aborted.promise).toMatchObject({ code: "cancelled" });
				await rig.settle();
				expect(asked.cancelled).toEqual(["op-1"]);
			});

			test("when the job is cancelled while it sleeps between two looks; a retry then starts anew", async () => {
				const refused = new DarkroomError("moderated", { detail: "No." });
				const { asked, operation } = unending();
				const film = job("film", async (context) => {
					if (context.signal.aborted) return "aborted";
					await context.step.run("before", () => Promise.reject(refused)).catch(() => "goes on without");
					return rendering({ ...operation, every: constant("8s") })(context);
				});
				const process = rig.open({ jobs: [film] });
				const { id: jobId } = await underWay(process, "film");
				await process.clock.until(seen(process, ({ status, steps }) => status === "queued" && steps.length === 3));
				await process.clock.advance("12s");
				await process.darkroom.cancelJob({ viewer: owner, jobId });
				await rig.settle();
				expect(asked).toMatchObject({ keys: [`${jobId}:render:start`], cancelled: ["op-1"] });
				await process.darkroom.retryJob({ viewer: owner, jobId });
				await process.clock.until(seen(process, (snapshot) => snapshot.status === "running" && isUnderWay(snapshot)));
				await process.darkroom.cancelJob({ viewer: owner, jobId });
				await rig.settle();
				const keys = [`${jobId}:render:start`, `${jobId}:render:start:2`];
				expect(asked).toMatchObject({ keys, cancelled: ["op-1", "op-2"] });
			});

			test("when the job is cancelled while the provider is asked, as soon as it has answered", async () => {
				const { asked, operation } = unending();
				const asking = signal();
				const answer = signal();
				const start = async (step: StepContext) => {
					asking.resolve();
					await answer.promise;
					return operation.start(step);
				};
				const film = job("film", rendering({ ...operation, start }));
				const process = rig.open({ jobs: [film] });
				const { id: jobId } = await process.darkroom.submit(film, { owner, input: {} });
				await process.clock.until(asking.promise);
				await process.darkroom.cancelJob({ viewer: owner, jobId });
				await rig.settle();
				expect(asked.cancelled).toEqual([]);
				answer.resolve();
				await rig.settle();
				expect(asked).toMatchObject({ looks: [], cancelled: ["op-1"] });
			});

			test("when the job passes its deadline", async () => {
				const { asked, operation } = unending();
				const film = job("film", rendering(operation), { timeout: "8s" });
				const process = rig.open({ jobs: [film] });
				expect(await runToEnd(process, film)).toMatchObject({ status: "failed", error: { code: "timed_out" } });
				await rig.settle();
				expect(asked).toMatchObject({ keys: [expect.any(String)], cancelled: ["op-1"] });
			});

			test("when another part of the job has failed it", async () => {
				const { asked, operation } = unending();
				const film = job("film", ({ step }) =>
					Promise.all([
						step.operation("render", operation),
						step.sleep("a moment", "6s").then(() =>
							step.run("sound", () => {
								throw new DarkroomError("moderated", { detail: "No." });
							}),
						),
					]),
				);
				const failed = await runToEnd(rig.open({ jobs: [film] }), film);
				expect(failed).toMatchObject({ status: "failed", error: { code: "moderated" } });
				await rig.settle();
				expect(asked.cancelled).toEqual(["op-1"]);
			});

			test("when its own time is over, after one more look; the code may catch it and go on", async () => {
				const { asked, operation } = unending();
				const process = rig.open({ jobs: [] });
				const startedAt = process.clock.now();
				const film = job("film", async (context) => {
					const render = rendering({ ...operation, every: constant("6s"), timeout: "15s" });
					const caught = await render(context).catch((failure: DarkroomError) => failure.code);
					await context.step.sleep("rest", "6s");
					return context.step.run("next", () => caught);
				});
				process.darkroom.define([film]);
				const done = await runToEnd(process, film);
				expect(done).toMatchObject({ status: "completed", output: "timed_out" });
				expect(done.steps[1]).toMatchObject({ name: "render", status: "failed", error: { code: "timed_out" } });
				expect(asked).toMatchObject({ looks: ["op-1", "op-1", "op-1"], cancelled: ["op-1"] });
				expect(process.clock.now() - startedAt).toBeLessThanOrEqual(21_000 + 5 * lookMs + rig.lateMs);
			});

			test("and what it answers to that is no more than logged", async () => {
				const { operation } = unending();
				const film = job("film", rendering({ ...operation, cancel: () => Promise.reject(new Error("gone")) }));
				const process = rig.open({ jobs: [film] });
				const { id: jobId } = await underWay(process, "film");
				expect(await process.darkroom.cancelJob({ viewer: owner, jobId })).toMatchObject({ status: "cancelled" });
				await rig.settle();
				expect(process.logged).toContainEqual({
					message: "operation not cancelled",
					fields: expect.objectContaining({ jobId, kind: "film", err: expect.any(Error) }),
				});
			});
		});

		test("an operation that was done is not started again when the owner tries a failed job again", async () => {
			const { asked, operation } = createProvider();
			let isBroken = true;
			const film = job("film", async (context) => {
				const made = await rendering(operation)(context);
				return context.step.run("cut", () => {
					if (isBroken) throw new DarkroomError("moderated", { detail: "No." });
					return made;
				});
			});
			const process = rig.open({ jobs: [film] });
			const failed = await runToEnd(process, film);
			isBroken = false;
			await process.darkroom.retryJob({ viewer: owner, jobId: failed.id });
			const done = await process.clock.until(
				seen(process, ({ version, status }) => version > failed.version && ["completed", "failed"].includes(status)),
			);
			expect(done).toMatchObject({ status: "completed", output: { video: "of op-1" } });
			expect(asked).toMatchObject({ keys: [`${failed.id}:render:start`], cancelled: [] });
			expect(asked.looks).toHaveLength(3);
		});
	});
}

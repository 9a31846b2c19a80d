import { NonRetriableError, RetryAfterError } from "inngest";
import { expect, test } from "vitest";
import { type MakeFunctions, serveFunctions } from "./inngest/served-functions.testsuite.ts";

const fiveSteps: (ran: string[]) => MakeFunctions = (ran) => (client) => [
	client.createFunction({ id: "five", triggers: { event: "go" } }, async ({ step }) => {
		for (const name of ["a", "b", "c", "d", "e"]) await step.run(name, () => ran.push(name));
		return "done";
	}),
];

test("with checkpoints five steps run within one call, and each is kept as it ends", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(fiveSteps(ran));
	await client.send({ name: "go" });
	await server.idle();
	const [run] = server.runs;
	expect(run).toMatchObject({ status: "completed", output: "done", calls: 1, functionId: "studio-five" });
	expect(run?.steps.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
	expect(ran).toEqual(["a", "b", "c", "d", "e"]);
});

test("without checkpoints they take a call each, and one for the end", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(fiveSteps(ran), { checkpointing: false });
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "completed", output: "done", calls: 6 });
	expect(ran).toEqual(["a", "b", "c", "d", "e"]);
});

test.each([true, false])("parallel steps run at the same time, each once (checkpoints: %s)", async (checkpointing) => {
	const ran: string[] = [];
	const { promise: allMet, resolve: met } = Promise.withResolvers<void>();
	const { server, client } = await serveFunctions(
		(inngest) => [
			inngest.createFunction({ id: "parallel", triggers: { event: "go" } }, async ({ step }) => {
				await step.run("before", () => ran.push("before"));
				const meet = (name: string) =>
					step.run(name, async () => {
						if (ran.push(name) === 4) met();
						await allMet;
						return name;
					});
				const names = await Promise.all([meet("x"), meet("y"), meet("z")]);
				return step.run("after", () => [...names, "after"]);
			}),
		],
		{ checkpointing },
	);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "completed", output: ["x", "y", "z", "after"] });
	expect(ran.sort()).toEqual(["before", "x", "y", "z"]);
});

test("a call that has gone on for longer than maxRuntime hands its next step to another", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction(
			{ id: "long", triggers: { event: "go" }, checkpointing: { maxRuntime: 1 } },
			async ({ step }) => {
				// The SDK counts its runtime by the machine's time, so the step has to outlast it in that.
				await step.run("a", () => new Promise((resolve) => setTimeout(resolve, 20)));
				await step.run("b", () => {});
			},
		),
	]);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]?.status).toBe("completed");
	expect(server.calls.map(({ stepId }) => stepId)).toEqual(["step", server.runs[0]?.steps[1]?.id, "step"]);
});

test("what a run remembers may be larger than the body of a call", async () => {
	const half = "x".repeat(2_500_000);
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "large", triggers: { event: "go" } }, async ({ event, step }) => {
			const texts = [await step.run("a", () => half), await step.run("b", () => half)];
			await step.sleep("nap", "1s");
			return [event.data.n, texts.join("").length];
		}),
	]);
	await client.send({ name: "go", data: { n: 7 } });
	await clock.advance("1s");
	expect(server.calls.map(({ body }) => body.use_api)).toEqual([false, true]);
	expect(server.runs[0]).toMatchObject({ status: "completed", output: [7, 5_000_000] });
});

test("a race goes on with the first of its steps; the run ends when all have", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "race", triggers: { event: "go" } }, async ({ step, group }) => {
			const first = await group.parallel({ mode: "race" }, () =>
				Promise.race(["held", "free"].map((name) => step.run(name, () => name))),
			);
			await step.run("after", () => ran.push(`after ${first}`));
		}),
	]);
	const held = server.faults.holdCall(({ stepId }) => stepId !== "step");
	await client.send({ name: "go" });
	await held.reached;
	await server.idle();
	expect(ran).toEqual(["after free"]);
	expect(server.runs[0]?.isOver).toBe(false);
	held.release();
	await server.idle();
	expect(server.runs[0]?.status).toBe("completed");
	expect(ran).toEqual(["after free"]);
});

test("a sleep ends when its time has come, not before", async () => {
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "sleepy", triggers: { event: "go" } }, async ({ step }) => {
			await step.sleep("nap", "90m");
			return "awake";
		}),
	]);
	await client.send({ name: "go" });
	await clock.advance("89m");
	expect(server.runs[0]?.status).toBe("sleeping");
	await clock.advance("1m");
	expect(server.runs[0]).toMatchObject({ status: "completed", output: "awake", calls: 2 });
});

test("a step that fails is tried again after the backoff, and its last failure can be caught", async () => {
	const attempts: number[] = [];
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "flaky", triggers: { event: "go" }, retries: 2 }, async ({ step, attempt }) => {
			const work = step.run("work", () => {
				attempts.push(attempt);
				throw new RangeError("no luck");
			});
			return work.catch((error: Error) => `caught ${error.message}`);
		}),
	]);
	await client.send({ name: "go" });
	await clock.advance("14s");
	expect(attempts).toEqual([0]);
	await clock.advance("1s");
	expect(attempts).toEqual([0, 1]);
	await clock.advance("30s");
	expect(attempts).toEqual([0, 1, 2]);
	expect(server.runs[0]).toMatchObject({ status: "completed", calls: 4, output: "caught no luck" });
	expect(server.runs[0]?.steps).toMatchObject([
		{ name: "work", state: { type: "error", error: { name: "RangeError" } } },
	]);
});

test("RetryAfterError says itself when, from a step and from the function's own code", async () => {
	const tries: string[] = [];
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "later", triggers: { event: "go" } }, async ({ step, attempt }) => {
			await step.run("work", () => {
				if (tries.push("step") === 1) throw new RetryAfterError("busy", "7s");
			});
			tries.push(`code ${attempt}`);
			if (tries.length < 4) throw new RetryAfterError("busy", "100s");
		}),
	]);
	await client.send({ name: "go" });
	await clock.advance("6s");
	expect(tries).toEqual(["step"]);
	await clock.advance("1s");
	expect(tries).toEqual(["step", "step", "code 0"]);
	await clock.advance("99s");
	expect(tries).toHaveLength(3);
	await clock.advance("1s");
	expect(tries).toEqual(["step", "step", "code 0", "code 1"]);
	expect(server.runs[0]?.status).toBe("completed");
});

test.each(["step", "code"])("NonRetriableError from %s fails the run at once", async (where) => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "hopeless", triggers: { event: "go" } }, async ({ step }) => {
			if (where === "code") throw new NonRetriableError("hopeless");
			await step.run("work", () => {
				throw new NonRetriableError("hopeless");
			});
		}),
	]);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "failed", error: { message: "hopeless" } });
});

test("onFailure gets the run, its event and the error, and only that of its own function", async () => {
	const told: unknown[] = [];
	const { server, client } = await serveFunctions((inngest) => [
		...["first", "second"].map((id) =>
			inngest.createFunction(
				{
					id,
					triggers: { event: id },
					retries: 0,
					onFailure: ({ event, error }) => {
						told.push([id, event.data.run_id, event.data.event.data, error.message]);
					},
				},
				() => {
					throw new Error(`${id} is out of luck`);
				},
			),
		),
	]);
	await client.send({ name: "first", data: { jobId: "j1" } });
	await server.idle();
	expect(told).toEqual([["first", server.runs[0]?.id, { jobId: "j1" }, "first is out of luck"]]);
	expect(server.runs.map(({ functionId }) => functionId)).toEqual(["studio-first", "studio-first-failure"]);
	expect(server.ownEvents.map(({ name }) => name)).toEqual(["inngest/function.finished", "inngest/function.failed"]);
});

test("cancelOn ends the runs that the event is for, and drops what they return later", async () => {
	const { promise: finish, resolve } = Promise.withResolvers<void>();
	const { server, client } = await serveFunctions(
		(inngest) => [
			inngest.createFunction(
				{
					id: "long",
					triggers: { event: "go" },
					cancelOn: [{ event: "stop", if: "event.data.jobId == async.data.jobId" }],
				},
				({ step }) => step.run("work", () => finish),
			),
		],
		{ checkpointing: false },
	);
	await client.send(["j1", "j2"].map((jobId) => ({ name: "go", data: { jobId } })));
	await server.until(() => server.calls.length === 2);
	await client.send({ name: "stop", data: { jobId: "j1" } });
	expect(server.runs.map(({ status }) => status)).toEqual(["cancelled", "running"]);
	resolve();
	await server.idle();
	expect(server.runs.map(({ status, steps }) => [status, steps.length])).toEqual([
		["cancelled", 0],
		["completed", 1],
	]);
});

test("a run that was cancelled is called no more, though its step fails late and would be tried again", async () => {
	const { promise: started, resolve: start } = Promise.withResolvers<void>();
	const { promise: failing, reject } = Promise.withResolvers<void>();
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "long", triggers: { event: "go" }, timeouts: { finish: "1h" } }, ({ step }) =>
			step.run("work", () => {
				start();
				return failing;
			}),
		),
	]);
	await client.send({ name: "go" });
	await started;
	server.cancel(server.runs[0]?.id ?? "");
	reject(new Error("late"));
	await server.idle();
	expect(clock.pending).toBe(0);
	expect(server.runs[0]).toMatchObject({ status: "cancelled", calls: 1, steps: [] });
});

test("cancelOn with a timeout listens for that long", async () => {
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction(
			{ id: "long", triggers: { event: "go" }, cancelOn: [{ event: "stop", timeout: "1m" }] },
			({ step }) => step.sleep("nap", "1h"),
		),
	]);
	await client.send({ name: "go" });
	await clock.advance("61s");
	await client.send({ name: "go" });
	await client.send({ name: "stop" });
	await server.idle();
	expect(server.runs.map(({ status }) => status)).toEqual(["sleeping", "cancelled"]);
});

test("a cancel from the dashboard is told to the functions that ask for it, with run and event", async () => {
	const told: unknown[] = [];
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "long", triggers: { event: "go" } }, ({ step }) => step.sleep("work", "1h")),
		inngest.createFunction(
			{
				id: "on-cancel",
				triggers: { event: "inngest/function.cancelled", if: "event.data.function_id == 'studio-long'" },
			},
			({ event }) => told.push(event.data),
		),
	]);
	await client.send({ name: "go", id: "e1", data: { jobId: "j1" } });
	await server.idle();
	const runId = server.runs[0]?.id ?? "";
	server.cancel(runId);
	await server.idle();
	expect(told).toMatchObject([
		{
			function_id: "studio-long",
			run_id: runId,
			event: { name: "go", id: "e1", data: { jobId: "j1" } },
			error: { error: "function cancelled", message: "function cancelled", name: "Error" },
		},
	]);
	expect(server.runs[0]?.status).toBe("cancelled");
});

test("an event's id starts each of its functions once, until 24 hours have passed", async () => {
	const seen: unknown[] = [];
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "one", triggers: { event: "go" } }, ({ event }) => seen.push(event.id)),
		inngest.createFunction({ id: "two", triggers: { event: "go" } }, ({ event }) => seen.push(event.id)),
	]);
	const first = await client.send({ name: "go", id: "j1.7" });
	const second = await client.send({ name: "go", id: "j1.7" });
	await server.idle();
	expect(seen).toEqual(["j1.7", "j1.7"]);
	expect(second.ids).not.toEqual(first.ids);
	await clock.advance("24h");
	await client.send({ name: "go", id: "j1.7" });
	await server.idle();
	expect(seen).toHaveLength(4);
});

test("an event without an id of its own gets the one that its sender was answered", async () => {
	const seen: unknown[] = [];
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "one", triggers: { event: "go" } }, ({ event }) => seen.push(event.id)),
	]);
	const { ids } = await client.send([{ name: "go" }, { name: "go" }]);
	await server.idle();
	expect(seen.sort()).toEqual([...ids].sort());
	expect(new Set(ids).size).toBe(2);
});

test("a batch of 500 events, each under 100 bytes, starts 500 runs", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "small", triggers: { event: "go" } }, ({ event }) => event.data.at),
	]);
	await client.send(Array.from({ length: 500 }, (_, at) => ({ name: "go", id: `e${at}`, data: { at } })));
	await server.idle();
	const ended = server.runs.filter(({ status, output, event }) => status === "completed" && output === event.data.at);
	expect(ended).toHaveLength(500);
	expect(Math.max(...server.events.map(({ bytes }) => bytes))).toBeLessThan(100);
});

test("a limit by key counts the calls of each key, and lets the others pass", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction(
			{ id: "owned", triggers: { event: "go" }, concurrency: { key: "event.data.owner", limit: 2 } },
			() => {},
		),
	]);
	const firstOfA = server.faults.holdCall();
	const secondOfA = server.faults.holdCall();
	await client.send(["a", "a", "a", "b"].map((owner) => ({ name: "go", data: { owner } })));
	await server.idle();
	expect(server.runs.map(({ status }) => status)).toEqual(["queued", "queued", "queued", "completed"]);
	secondOfA.release();
	await server.until(() => server.runs[2]?.isOver === true);
	expect(server.runs.map(({ status }) => status)).toEqual(["queued", "completed", "completed", "completed"]);
	firstOfA.release();
	await server.idle();
	expect(server.runs[0]?.status).toBe("completed");
});

test("a run of higher priority goes ahead of others by so many seconds", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction(
			{ id: "queued", triggers: { event: "go" }, concurrency: 1, priority: { run: "event.data.ahead" } },
			() => {},
		),
	]);
	await client.send([0, 10, 120].map((ahead) => ({ name: "go", data: { ahead } })));
	await server.idle();
	expect(server.calls.map(({ run }) => run.event.data.ahead)).toEqual([120, 10, 0]);
});

test.each([
	["a reserved name", { name: "inngest/function.cancelled" }, "reserved"],
	["no name", { data: {} }, "name is empty"],
	["more than 3,145,728 bytes", { name: "go", data: { text: "x".repeat(3_145_728) } }, "larger"],
	["more than 5,000 in a batch", Array(5_001).fill({ name: "go" }), "at most 5000"],
])("an event with %s is refused with 400", async (_, sent, reason) => {
	const { server } = await serveFunctions(() => []);
	const answer = await fetch(`${server.url}/e/key`, { method: "POST", body: JSON.stringify(sent) });
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ error: expect.stringContaining(reason) });
	expect(server.events).toEqual([]);
});

test("an app that is away costs an attempt each time, and what was kept is not run again when it is back", async () => {
	const ran: string[] = [];
	const { promise: reached, resolve } = Promise.withResolvers<void>();
	const { server, client, clock, goDown, comeBack } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "robust", triggers: { event: "go" } }, async ({ step, attempt }) => {
			await step.run("first", () => ran.push("first"));
			return step.run("second", () => {
				ran.push(`second ${attempt}`);
				resolve();
				return attempt === 0 ? new Promise(() => {}) : "done";
			});
		}),
	]);
	await client.send({ name: "go" });
	await reached;
	await goDown();
	await clock.advance("15s");
	expect(server.runs[0]).toMatchObject({ status: "sleeping", calls: 2 });
	await comeBack();
	await clock.advance("30s");
	expect(server.runs[0]).toMatchObject({ status: "completed", output: "done" });
	expect(ran).toEqual(["first", "second 0", "second 2"]);
});

test("an app that stays away fails the run, and its onFailure too", async () => {
	const { server, client, clock, goDown } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "lost", triggers: { event: "go" }, retries: 1, onFailure: () => {} }, () => {}),
	]);
	await goDown();
	await client.send({ name: "go" });
	await clock.advance("1h");
	expect(server.runs.map(({ functionId, status, error }) => [functionId, status, error?.error])).toEqual([
		["studio-lost", "failed", "Unable to reach SDK URL"],
		["studio-lost-failure", "failed", "Unable to reach SDK URL"],
	]);
});

test("timeouts cancel what does not begin in time, and what does not end in time", async () => {
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction(
			{ id: "timed", triggers: { event: "go" }, timeouts: { start: "10s", finish: "1m" } },
			({ step }) => step.sleep("long", "1h"),
		),
	]);
	const held = server.faults.holdCall(({ run }) => run.event.data.late === true);
	await client.send([{ name: "go" }, { name: "go", data: { late: true } }]);
	await held.reached;
	await clock.advance("9s");
	expect(server.runs.map(({ status }) => status)).toEqual(["sleeping", "queued"]);
	await clock.advance("1s");
	expect(server.runs.map(({ status }) => status)).toEqual(["sleeping", "cancelled"]);
	await clock.advance("50s");
	expect(server.runs.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
	held.release();
});

test("a function that asks for what the server does not play is refused when it registers", async () => {
	const singleton: MakeFunctions = (inngest) => [
		inngest.createFunction({ id: "one", triggers: { event: "go" }, singleton: { mode: "skip" } }, () => {}),
	];
	await expect(serveFunctions(singleton)).rejects.toThrow("does not play singleton, which studio-one asks for");
});

test("a step that the server does not play is told to whoever waits for it", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "waiting", triggers: { event: "go" } }, ({ step }) =>
			step.waitForEvent("answer", { event: "answer", timeout: "1h" }),
		),
	]);
	await client.send({ name: "go" });
	await expect(server.idle()).rejects.toThrow("does not play WaitForEvent");
});

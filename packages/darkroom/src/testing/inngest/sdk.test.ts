import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { serveFunctions } from "./served-functions.testsuite.ts";

/** What the SDK does with a handler, which its documentation does not say and Darkroom's functions have to reckon with. */

test.each([true, false])(
	"the code between steps runs in each call, its end only in the last (checkpoints: %s)",
	async (checkpointing) => {
		const log: string[] = [];
		const { server, client, clock } = await serveFunctions(
			(inngest) => [
				inngest.createFunction({ id: "code", triggers: { event: "go" } }, async ({ step }) => {
					try {
						log.push("start");
						await step.run("a", () => log.push("a"));
						await step.sleep("nap", "1s");
					} finally {
						log.push("end");
					}
				}),
			],
			{ checkpointing },
		);
		await client.send({ name: "go" });
		await clock.advance("1s");
		const calls = server.runs[0]?.calls ?? 0;
		expect(calls).toBe(checkpointing ? 2 : 3);
		expect(log).toEqual(["start", "a", ...Array(calls - 1).fill("start"), "end"]);
	},
);

test("a step does not see the AsyncLocalStorage of the code that asks for it", async () => {
	const store = new AsyncLocalStorage<string>();
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "context", triggers: { event: "go" } }, ({ step }) =>
			store.run("mine", async () => {
				const inside = await step.run("a", () => String(store.getStore()));
				return [inside, store.getStore()];
			}),
		),
	]);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]?.output).toEqual(["undefined", "mine"]);
});

test("results come back as JSON, nothing as null, also within the call that made them", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "json", triggers: { event: "go" } }, async ({ step }) => [
			await step.run("date", () => new Date(0)),
			await step.run("nothing", () => undefined),
		]),
	]);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ calls: 1, output: ["1970-01-01T00:00:00.000Z", null] });
});

test("of a step's last error its name, message and cause are left, and no other field", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "error", triggers: { event: "go" }, retries: 0 }, async ({ step }) => {
			const failing = step.run("a", () => {
				throw Object.assign(new RangeError("bad", { cause: new Error("why") }), { code: "E1" });
			});
			return failing.catch((error: Error & { code?: string; cause: Error }) => [
				error.name,
				error.message,
				error.cause.message,
				error.code ?? "none",
			]);
		}),
	]);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]?.output).toEqual(["RangeError", "bad", "why", "none"]);
});

test("a step that the handler does not wait for never runs", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "floating", triggers: { event: "go" } }, async ({ step }) => {
			void step.run("a", () => ran.push("a"));
			return "returned";
		}),
	]);
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "completed", output: "returned" });
	expect(ran).toEqual([]);
});

test("after parallel steps no call runs two: each is planned by one and run by another", async () => {
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "parallel", triggers: { event: "go" } }, async ({ step }) => {
			await Promise.all(["x", "y"].map((name) => step.run(name, () => {})));
			for (const name of ["a", "b"]) await step.run(name, () => {});
		}),
	]);
	await client.send({ name: "go" });
	await server.idle();
	const [plan, x, y, ...rest] = server.calls.map(({ stepId }) => (stepId === "step" ? "code" : "step"));
	expect([plan, x, y]).toEqual(["code", "step", "step"]);
	expect(rest).toEqual(["code", "step", "code", "step", "code"]);
});

test("a step that is tried again answers at once: what follows it is another call, with attempt 0", async () => {
	const log: string[] = [];
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "retried", triggers: { event: "go" } }, async ({ step, attempt }) => {
			for (const name of ["a", "b"]) {
				await step.run(name, () => {
					log.push(`${name}${attempt}`);
					if (log.length === 1) throw new Error("once");
				});
			}
		}),
	]);
	await client.send({ name: "go" });
	await clock.advance("15s");
	expect(log).toEqual(["a0", "a1", "b0"]);
	expect(server.calls.map(({ attempt }) => attempt)).toEqual([0, 1, 0]);
});

test("what is remembered and not asked for any more does no harm", async () => {
	const ran: string[] = [];
	let isOldCode = true;
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "changed", triggers: { event: "go" } }, async ({ step }) => {
			if (isOldCode) await step.run("old", () => ran.push("old"));
			await step.sleep("nap", "1h");
			await step.run("new", () => ran.push("new"));
		}),
	]);
	await client.send({ name: "go" });
	await server.idle();
	isOldCode = false;
	await clock.advance("1h");
	expect(ran).toEqual(["old", "new"]);
	expect(server.runs[0]).toMatchObject({ status: "completed", calls: 2 });
});

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest, type InngestFunction } from "inngest";
import { serve } from "inngest/node";
import { afterEach, expect, test } from "vitest";
import { InngestServer, type InngestServerOptions } from "./inngest-server.testsuite.ts";
import { createManualClock } from "./manual-clock.ts";

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closings.splice(0).reverse()) await close();
});

type Make = (client: Inngest) => InngestFunction.Any[];

/** A server, and an app with these functions that is registered with it. */
async function start(make: Make, options: InngestServerOptions = {}, isDev = true) {
	const server = await InngestServer.start(options);
	closings.push(() => server.stop());
	const quiet = { debug() {}, info() {}, warn() {}, error() {} };
	const client = new Inngest({ id: "studio", isDev, baseUrl: server.url, logger: quiet, eventKey: "key" });
	const app = createServer(serve({ client, functions: make(client) }));
	const url = await listen(app);
	await server.sync(url);
	return { server, client, app, url };
}

async function listen(app: Server, port = 0): Promise<string> {
	await new Promise<void>((resolve) => app.listen(port, "127.0.0.1", resolve));
	closings.push(() => close(app));
	return `http://127.0.0.1:${(app.address() as AddressInfo).port}/api/inngest`;
}

function close(app: Server): Promise<void> {
	return new Promise((resolve) => {
		app.close(() => resolve());
		app.closeAllConnections();
	});
}

/** As `start`, with time that is moved by hand. */
async function startWithClock(make: Make, options: InngestServerOptions = {}) {
	const clock = createManualClock(undefined, () => started.server.idle());
	const started = await start(make, { ...options, clock });
	return { ...started, clock };
}

const fiveSteps: (ran: string[]) => Make = (ran) => (client) => [
	client.createFunction({ id: "five", triggers: { event: "go" } }, async ({ step }) => {
		for (const name of ["a", "b", "c", "d", "e"]) await step.run(name, () => ran.push(name));
		return "done";
	}),
];

test("with checkpoints five steps run within one call, and each is kept as it ends", async () => {
	const ran: string[] = [];
	const { server, client } = await start(fiveSteps(ran));
	await client.send({ name: "go" });
	await server.idle();
	const [run] = server.runs;
	expect(run).toMatchObject({ status: "completed", output: "done", calls: 1, functionId: "studio-five" });
	expect(run?.steps.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
	expect(ran).toEqual(["a", "b", "c", "d", "e"]);
});

test("without checkpoints they take a call each, and one for the end", async () => {
	const ran: string[] = [];
	const { server, client } = await start(fiveSteps(ran), { checkpointing: false });
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "completed", output: "done", calls: 6 });
	expect(ran).toEqual(["a", "b", "c", "d", "e"]);
});

test.each([true, false])("parallel steps run at the same time, each once (checkpoints: %s)", async (checkpointing) => {
	const ran: string[] = [];
	let met = () => {};
	const all = new Promise<void>((resolve) => {
		met = resolve;
	});
	const { server, client } = await start(
		(inngest) => [
			inngest.createFunction({ id: "parallel", triggers: { event: "go" } }, async ({ step }) => {
				await step.run("before", () => ran.push("before"));
				const meet = (name: string) =>
					step.run(name, async () => {
						if (ran.push(name) === 4) met();
						await all;
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

test("a sleep ends when its time has come, not before", async () => {
	const { server, client, clock } = await startWithClock((inngest) => [
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

test("a step that fails is tried again after the backoff, and fails the run with its last attempt", async () => {
	const attempts: number[] = [];
	const { server, client, clock } = await startWithClock((inngest) => [
		inngest.createFunction({ id: "flaky", triggers: { event: "go" }, retries: 2 }, async ({ step, attempt }) => {
			await step.run("work", () => {
				attempts.push(attempt);
				throw new Error("no luck");
			});
		}),
	]);
	await client.send({ name: "go" });
	await clock.advance("14s");
	expect(attempts).toEqual([0]);
	await clock.advance("1s");
	expect(attempts).toEqual([0, 1]);
	await clock.advance("30s");
	expect(attempts).toEqual([0, 1, 2]);
	// The failed step is remembered, and the function is called once more, so that its code may catch it.
	expect(server.runs[0]).toMatchObject({ status: "failed", calls: 4, error: { message: "no luck" } });
});

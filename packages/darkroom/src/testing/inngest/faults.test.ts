import { expect, test } from "vitest";
import { type MakeFunctions, serveFunctions } from "./served-functions.testsuite.ts";

/** Notes what runs, with the number in the event. */
const noting: (ran: string[]) => MakeFunctions = (ran) => (client) => [
	client.createFunction({ id: "noting", triggers: { event: "go" } }, async ({ event, step }) => {
		for (const name of ["a", "b"]) await step.run(name, () => ran.push(`${name}${event.data.n ?? ""}`));
	}),
];

test("an event that is lost was answered with 200 and starts nothing, and the same one again does", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran));
	server.faults.events = "lost";
	await expect(client.send({ name: "go", id: "e1" })).resolves.toMatchObject({ ids: [expect.any(String)] });
	await server.idle();
	expect(server.runs).toEqual([]);
	server.faults.events = "taken";
	await client.send({ name: "go", id: "e1" });
	await server.idle();
	expect(server.events.map(({ id, isLost }) => [id, isLost])).toEqual([
		["e1", true],
		["e1", false],
	]);
	expect(ran).toEqual(["a", "b"]);
});

test.each(["refused", "away"] as const)("an event API that is %s is told to the sender", async (fault) => {
	const { server, client } = await serveFunctions(noting([]));
	server.faults.events = fault;
	await expect(client.send({ name: "go" })).rejects.toThrow(fault === "refused" ? "500" : "fetch failed");
	expect(server.events).toEqual([]);
});

test("a call that is made twice runs its step twice, and the run goes on once", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran), { checkpointing: false });
	server.faults.duplicateCall();
	await client.send({ name: "go" });
	await server.idle();
	expect(ran).toEqual(["a", "a", "b"]);
	expect(server.runs[0]).toMatchObject({ status: "completed", calls: 4 });
	expect(server.runs[0]?.steps.map(({ name }) => name)).toEqual(["a", "b"]);
});

test("of a call that is made twice with checkpoints, the first halts where the server refuses what is stale", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran), { refusesStale: true });
	server.faults.duplicateCall();
	await client.send({ name: "go" });
	await server.idle();
	expect(ran.sort()).toEqual(["a", "a", "b"]);
	expect(server.runs[0]?.status).toBe("completed");
});

test("a call whose answer is lost is made again as the same attempt", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran), { checkpointing: false });
	server.faults.loseAnswer();
	await client.send({ name: "go" });
	await server.idle();
	expect(ran).toEqual(["a", "a", "b"]);
	expect(server.calls.map(({ attempt }) => attempt)).toEqual([0, 0, 0, 0]);
});

test("what was kept by a checkpoint is not lost with the answer", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran));
	server.faults.loseAnswer();
	await client.send({ name: "go" });
	await server.idle();
	expect(ran).toEqual(["a", "b"]);
	expect(server.runs[0]).toMatchObject({ status: "completed", calls: 2 });
});

test("steps whose checkpoint was not taken come with the answer", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran));
	server.faults.checkpoints = "refused";
	await client.send({ name: "go" });
	await server.idle();
	expect(ran).toEqual(["a", "b"]);
	expect(server.runs[0]).toMatchObject({ status: "completed", calls: 3 });
});

test("a call that is held back is made when it is released, and others pass it", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran));
	const held = server.faults.holdCall(({ run }) => run.event.data.n === 1);
	await client.send([1, 2].map((n) => ({ name: "go", data: { n } })));
	await held.reached;
	await server.idle();
	expect(ran).toEqual(["a2", "b2"]);
	held.release();
	await server.idle();
	expect(ran).toEqual(["a2", "b2", "a1", "b1"]);
});

test("a call that is late is made when its time has come", async () => {
	const ran: string[] = [];
	const { server, client, clock } = await serveFunctions(noting(ran));
	server.faults.delayCall(60_000);
	await client.send({ name: "go" });
	await clock.advance("59s");
	expect(ran).toEqual([]);
	await clock.advance("1s");
	expect(ran).toEqual(["a", "b"]);
});

test("the newest run goes first where the test wishes it", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "one-by-one", triggers: { event: "go" }, concurrency: 1 }, ({ event }) => {
			ran.push(event.data.n);
		}),
	]);
	server.faults.order = "newest-first";
	await client.send([1, 2, 3].map((n) => ({ name: "go", data: { n } })));
	await server.idle();
	expect(ran).toEqual([3, 2, 1]);
});

test("a run that is forgotten is never called again, and nobody is told", async () => {
	const { server, client, clock } = await serveFunctions((inngest) => [
		inngest.createFunction({ id: "sleepy", triggers: { event: "go" } }, ({ step }) => step.sleep("nap", "1h")),
	]);
	await client.send({ name: "go" });
	await server.idle();
	server.forget(server.runs[0]?.id ?? "");
	await clock.advance("2h");
	expect(server.runs[0]).toMatchObject({ status: "forgotten", calls: 1 });
	expect(server.ownEvents).toEqual([]);
});

test("an old call can come once more when its run has long ended", async () => {
	const ran: string[] = [];
	const { server, client } = await serveFunctions(noting(ran), { checkpointing: false });
	await client.send({ name: "go" });
	await server.idle();
	await expect(server.calls[1]?.again()).resolves.toMatchObject({ status: 206 });
	expect(ran).toEqual(["a", "b", "b"]);
	expect(server.runs[0]?.steps).toHaveLength(2);
});

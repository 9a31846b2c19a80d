import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type RegisteredFunction, readFunction } from "./functions.testsuite.ts";
import { type MakeFunctions, serveFunctions } from "./served-functions.testsuite.ts";
import { bearerOf, canonicalJson, isSigned, sign } from "./signature.testsuite.ts";

const key = `signkey-prod-${"0123456789abcdef".repeat(4)}`;
const otherKey = `signkey-prod-${"fedcba9876543210".repeat(4)}`;

const oneStep: MakeFunctions = (client) => [
	client.createFunction({ id: "one", triggers: { event: "go" }, retries: 0 }, ({ step }) => step.run("a", () => "ü")),
];

test("in production mode calls, answers and checkpoints are signed, and taken where the keys agree", async () => {
	const { server, client } = await serveFunctions(oneStep, { isDev: false, signingKey: key, eventKey: "key" });
	await client.send({ name: "go", data: { text: "ü ✓", 10: 1, 9: 2 } });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "completed", output: "ü", calls: 1 });
	const answer = server.calls[0]?.answer;
	expect(isSigned(answer?.body ?? "", key, answer?.headers["x-inngest-signature"])).toBe(true);
});

test("an app with another key cannot register", async () => {
	const options = { isDev: false, signingKey: key, appSigningKey: otherKey };
	await expect(serveFunctions(oneStep, options)).rejects.toThrow("did not register: 401");
});

test("a server with another key is refused by the app", async () => {
	const { server, client } = await serveFunctions(oneStep, { isDev: false, signingKey: key });
	const stranger = await serveFunctions(() => [], { isDev: false, signingKey: otherKey });
	stranger.server.functions.push(...server.functions);
	await client.send({ name: "go" });
	await server.idle();
	await fetch(`${stranger.server.url}/e/key`, { method: "POST", body: JSON.stringify({ name: "go" }) });
	await stranger.server.idle();
	expect(stranger.server.runs[0]).toMatchObject({ status: "failed", error: { message: "Unauthorized" } });
	expect(server.runs[0]?.status).toBe("completed");
});

test("in production mode an answer that is not signed counts for nothing", async () => {
	const { server, client } = await serveFunctions(oneStep, { isDev: false, signingKey: key });
	const forger = createServer((_, outgoing) => outgoing.end('"forged"'));
	await new Promise<void>((resolve) => forger.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => void forger.close());
	const { config } = server.functions[0] as RegisteredFunction;
	const url = `http://127.0.0.1:${(forger.address() as AddressInfo).port}/?fnId=${config.id}`;
	const steps = { step: { ...config.steps.step, runtime: { url } } };
	server.functions.splice(0, 1, readFunction({ ...config, steps }));
	await client.send({ name: "go" });
	await server.idle();
	expect(server.runs[0]).toMatchObject({ status: "failed", error: { message: expect.stringContaining("not signed") } });
});

test("the API cancels a run for whoever has the key", async () => {
	const { server, client } = await serveFunctions(
		(inngest) => [
			inngest.createFunction({ id: "long", triggers: { event: "go" } }, ({ step }) => step.sleep("nap", "1h")),
		],
		{ isDev: false, signingKey: key },
	);
	await client.send({ name: "go" });
	await server.idle();
	const url = `${server.url}/v1/runs/${server.runs[0]?.id}`;
	const cancel = (bearer: string) => fetch(url, { method: "DELETE", headers: { authorization: `Bearer ${bearer}` } });
	await expect(cancel(bearerOf(otherKey))).resolves.toMatchObject({ status: 401 });
	expect(server.runs[0]?.status).toBe("sleeping");
	await expect(cancel(bearerOf(key))).resolves.toMatchObject({ status: 200 });
	expect(server.runs[0]?.status).toBe("cancelled");
});

test("an event key that the server does not know is refused", async () => {
	const { client, server } = await serveFunctions(oneStep, { eventKey: "its own", appEventKey: "another" });
	await expect(client.send({ name: "go" })).rejects.toThrow("Event key");
	expect(server.events).toEqual([]);
});

test("a signature holds for its body, its key and its time alone", () => {
	const body = canonicalJson({ b: [1, { d: undefined, c: null }], a: "ü" });
	expect(body).toBe('{"a":"ü","b":[1,{"c":null}]}');
	const signature = sign(body, key);
	expect(isSigned(body, key, signature)).toBe(true);
	expect(isSigned(`${body} `, key, signature)).toBe(false);
	expect(isSigned(body, otherKey, signature)).toBe(false);
	expect(isSigned(body, key, undefined)).toBe(false);
	expect(isSigned(body, key, sign(body, key, Date.now() - 6 * 60_000))).toBe(false);
});

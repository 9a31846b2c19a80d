import { afterEach, expect, test } from "vitest";
import { startVendorServer, type VendorServer } from "./vendor-server.ts";

const open: VendorServer[] = [];
afterEach(async () => {
	for (const server of open.splice(0)) await server.close();
});

async function start(): Promise<VendorServer> {
	const server = await startVendorServer();
	open.push(server);
	return server;
}

const ask = (server: VendorServer, signal?: AbortSignal) =>
	fetch(`${server.baseURLs.openai}/responses`, {
		method: "POST",
		headers: { authorization: "Bearer key", "content-type": "application/json", "idempotency-key": "k1" },
		body: JSON.stringify({ model: "m", input: "hello" }),
		...(signal ? { signal } : {}),
	});

test("behaviours are used up one a request, and what follows is answered well", async () => {
	const server = await start();
	server.behave("error", { behaviour: "throttled", headers: { "retry-after": "7" } });
	const answers = [await ask(server), await ask(server), await ask(server)];
	expect(answers.map((answer) => answer.status)).toEqual([500, 429, 200]);
	expect(answers[1]?.headers.get("retry-after")).toBe("7");
});

test("what was sent is kept: headers, body, and a form's fields and files", async () => {
	const server = await start();
	await ask(server);
	const form = new FormData();
	form.set("prompt", "draw");
	form.append("image[]", new Blob([new Uint8Array([1, 2, 3])], { type: "image/png" }), "photo.png");
	await fetch(`${server.baseURLs.openai}/images/edits`, { method: "POST", body: form });
	const [text, edit] = server.requests;
	expect(text).toMatchObject({ wire: "openai", path: "/v1/responses", body: { model: "m", input: "hello" } });
	expect(text?.headers["idempotency-key"]).toBe("k1");
	expect(edit?.body).toEqual({ prompt: "draw" });
	expect(edit?.files).toEqual([{ field: "image[]", type: "image/png", bytes: new Uint8Array([1, 2, 3]) }]);
});

test("a request that hangs is seen when it comes and when it is given up", async () => {
	const server = await start();
	server.behave("hang");
	const controller = new AbortController();
	const arrived = server.nextRequest();
	const asking = ask(server, controller.signal);
	expect((await arrived).path).toBe("/v1/responses");
	controller.abort();
	await expect(asking).rejects.toThrow();
	await server.gaveUp();
});

test("a dropped and a truncated connection fail on the asking side", async () => {
	const server = await start();
	server.behave("drop", "truncate");
	await expect(ask(server)).rejects.toThrow();
	await expect(ask(server).then((answer) => answer.text())).rejects.toThrow();
});

test("closing cuts what still hangs", async () => {
	const server = await start();
	server.behave("hang");
	const arrived = server.nextRequest();
	const asking = ask(server);
	await arrived;
	const cut = expect(asking).rejects.toThrow();
	await server.close();
	open.splice(0);
	await cut;
});

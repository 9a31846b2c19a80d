import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

let data: string;
let server: ChildProcess;
let address: string;

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), "darkroom-example-"));
	server = spawn(process.execPath, ["--conditions=source", join(import.meta.dirname, "server.ts")], {
		env: { ...process.env, PORT: "0", DARKROOM_DATA: data },
		stdio: ["ignore", "pipe", "inherit"],
	});
	if (!server.stdout) throw new Error("The server has no output.");
	for await (const line of createInterface({ input: server.stdout })) {
		const found = /http:\/\/\S+/.exec(line);
		if (!found) continue;
		address = `${found[0]}/api`;
		return;
	}
	throw new Error("The server ended before it listened.");
}, 30_000);

afterAll(async () => {
	if (server.exitCode === null) server.kill("SIGKILL");
	await rm(data, { recursive: true, force: true });
});

const headers = { "x-user": "ada", "content-type": "application/json" };

test("a job that is submitted is watched to its end, and a SIGTERM with a watcher still there ends the server", async () => {
	const events = await fetch(`${address}/events`, { headers });
	const submitted = await fetch(`${address}/jobs/write-haiku`, {
		method: "POST",
		headers,
		body: JSON.stringify({ input: { about: "rain" } }),
	});
	expect(submitted.status).toBe(202);
	const { job } = (await submitted.json()) as { job: { id: string } };

	const reader = (events.body as ReadableStream<Uint8Array>).getReader();
	const decoder = new TextDecoder();
	let seen = "";
	while (!seen.includes('"status":"completed"')) {
		const { done, value } = await reader.read();
		expect(done).toBe(false);
		seen += decoder.decode(value, { stream: true });
	}

	const read = await fetch(`${address}/jobs/${job.id}`, { headers });
	expect(await read.json()).toMatchObject({
		job: { id: job.id, status: "completed", progress: 100, output: { text: expect.stringMatching(/\S/) } },
	});

	const exit = once(server, "exit");
	server.kill("SIGTERM");
	expect(await exit).toEqual([0, null]);
});

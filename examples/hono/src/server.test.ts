import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

let data: string | undefined;
let server: ChildProcess | undefined;
let address: string;

beforeAll(async () => {
	// The example uses what is published, so that has to be what the sources say.
	const root = join(import.meta.dirname, "../../..");
	execFileSync(process.execPath, ["scripts/run.mjs", "scripts/build.ts", "--library", "--if-stale"], { cwd: root });
	data = await mkdtemp(join(tmpdir(), "darkroom-example-"));
	server = spawn(process.execPath, [join(import.meta.dirname, "server.ts")], {
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
}, 60_000);

afterAll(async () => {
	if (server?.exitCode === null) server.kill("SIGKILL");
	if (data) await rm(data, { recursive: true, force: true });
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
		job: { id: job.id, status: "completed", progress: 100, output: { text: expect.stringContaining("about rain") } },
	});

	const process = server as ChildProcess;
	const exit = once(process, "exit");
	process.kill("SIGTERM");
	expect(await exit).toEqual([0, null]);
});

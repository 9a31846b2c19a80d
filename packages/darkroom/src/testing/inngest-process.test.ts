import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openInngest, openPlayedInngest } from "./inngest-process.testsuite.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-program-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a program is started with the ports that it knows of, and when it ends at once, what it said is told", async () => {
	const program = join(folder, "inngest");
	const help = "--port string  --connect-gateway-port int  --connect-gateway-grpc-porter int";
	const lines = [`if [ "$2" = --help ]; then echo "${help}"; exit; fi`, 'echo "asked: $*" >&2', "exit 3"];
	writeFileSync(program, `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
	const failure = await openInngest({ program }).catch((error: Error) => error.message);
	expect(failure).toContain("did not start");
	expect(failure).toMatch(/asked: dev .*--port \d+ .*--connect-gateway-port \d+$/m);
	expect(failure).not.toContain("grpc");
});

test("a server that is killed answers at the same address once it is started again, and at none once it is closed", async () => {
	const server = await openPlayedInngest();
	const isHealthy = () => fetch(`${server.url}/health`).then(({ ok }) => ok);
	expect(await isHealthy()).toBe(true);
	await server.restart?.();
	expect(await isHealthy()).toBe(true);
	await server.close();
	await expect(isHealthy()).rejects.toThrow("fetch failed");
	await expect(openInngest({ url: server.url })).rejects.toThrow(`No server answers at ${server.url}`);
});

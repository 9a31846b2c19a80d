import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { freePort } from "../../../src/servers/free-port.ts";
import { type Server, startProcess, Unavailable } from "../../../src/servers/server-process.ts";

/** A new single-node Restate as it is by default, which syncs its log, on ports of its own and without telemetry. */
export async function startRestate(folder: string): Promise<Server> {
	const binary = findBinary();
	const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
	const env = {
		RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
		RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
		RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
		RESTATE_LISTEN_MODE: "tcp",
		RESTATE_DISABLE_TELEMETRY: "true",
		RESTATE_LOG_DISABLE_ANSI_CODES: "true",
		DO_NOT_TRACK: "1",
	};
	const args = ["--base-dir", folder, "--node-name", "bench", "--no-logo"];
	const child = await startProcess(binary, args, { ready: /admin-api-server/, env, cwd: folder });
	const version = execFileSync(binary, ["--version"], { encoding: "utf8" }).trim().split(" ").at(-1);
	const settings = `Restate ${version}, one node, defaults (24 partitions, log synced, 2 GiB for RocksDB)`;
	return { ...child, url: `http://127.0.0.1:${ingress}`, adminUrl: `http://127.0.0.1:${admin}`, settings };
}

/** The binary itself, without the launcher in front of it, so that its memory is what is read. */
function findBinary(): string {
	const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
	try {
		return createRequire(import.meta.url).resolve(`${name}/bin/restate-server`);
	} catch (cause) {
		throw new Unavailable(`Restate's server is not published for this platform: ${name}`, { cause });
	}
}

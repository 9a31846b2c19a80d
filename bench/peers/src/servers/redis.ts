import { execFileSync } from "node:child_process";
import { freePort } from "../../../src/servers/free-port.ts";
import { type Server, startProcess, Unavailable } from "../../../src/servers/server-process.ts";

const howToGet = "Redis is not here; on Debian and Ubuntu: apt-get install redis-server";

/**
 * A new Redis with the append-only file that BullMQ's documentation asks for, and `noeviction`. `everysec` is what it
 * recommends: an acknowledged job of the last second may be lost with the machine. `always` syncs before it answers.
 */
export async function startRedis(folder: string, appendfsync: "everysec" | "always"): Promise<Server> {
	const version = readVersion();
	const port = await freePort();
	const options = {
		port,
		bind: "127.0.0.1",
		dir: folder,
		save: "",
		appendonly: "yes",
		appendfsync,
		"maxmemory-policy": "noeviction",
	};
	const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
	const child = await startProcess("redis-server", args, { ready: /Ready to accept connections/, cwd: folder });
	const settings = `Redis ${version}, appendonly=yes, appendfsync=${appendfsync}, maxmemory-policy=noeviction`;
	return { ...child, url: `redis://127.0.0.1:${port}`, settings };
}

function readVersion(): string {
	try {
		const words = execFileSync("redis-server", ["--version"], { encoding: "utf8", stdio: "pipe" });
		return /v=([\d.]+)/.exec(words)?.[1] ?? "unknown";
	} catch (cause) {
		throw new Unavailable(howToGet, { cause });
	}
}

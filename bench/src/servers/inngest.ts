import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";
import { startProcess, Unavailable } from "./server-process.ts";

const howToGet =
	"Inngest's server is not here: put `inngest` in the PATH (npm install -g inngest-cli), name the program in INNGEST_BIN, or a dev server that runs in INNGEST_BASE_URL.";

/** Ports that a dev server takes beside its own. Older ones know fewer of them, and refuse what they do not know. */
const otherPorts = ["connect-gateway-port", "connect-gateway-grpc-port", "connect-executor-grpc-port"];

export interface InngestServer {
	readonly url: string;
	/** Which it is, and what of its settings decides speed. */
	readonly settings: string;
	stop(): Promise<void>;
}

/**
 * The dev server that is named, or one of its own with the settings that a dev server has, for the readings.
 * @throws {Unavailable} where there is none
 */
export async function startInngest(folder: string): Promise<InngestServer> {
	const named = process.env.INNGEST_BASE_URL?.replace(/\/+$/, "");
	if (named) return { url: named, settings: `${await readNamed(named)} at INNGEST_BASE_URL`, stop: async () => {} };
	const program = findProgram();
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const args = ["dev", "--no-discovery", "--no-poll", "--host", "127.0.0.1", "--port", String(port)];
	// Its own settings may be in the environment of whoever runs the bench.
	const others = Object.keys(process.env).filter((name) => name.startsWith("INNGEST_"));
	const { stop } = await startProcess(program, [...args, ...(await freePorts(program))], {
		ready: new URL("/health", url),
		cwd: folder,
		env: { ...Object.fromEntries(others.map((name) => [name, undefined])), DO_NOT_TRACK: "1" },
	});
	return { url, settings: `${await readVersion(url)}, in memory, its default queue workers and tick`, stop };
}

function findProgram(): string {
	const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
	const inPath = folders.flatMap((folder) => ["inngest", "inngest-cli"].map((name) => join(folder, name)));
	const program = (process.env.INNGEST_BIN ? [process.env.INNGEST_BIN] : inPath).find(isProgram);
	if (!program) throw new Unavailable(howToGet);
	return program;
}

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}

async function freePorts(program: string): Promise<string[]> {
	const { stdout, stderr } = spawnSync(program, ["dev", "--help"], { encoding: "utf8" });
	const known = otherPorts.filter((name) => `${stdout}${stderr}`.includes(`--${name} `));
	const flags = await Promise.all(known.map(async (name) => [`--${name}`, String(await freePort())]));
	return flags.flat();
}

async function readNamed(url: string): Promise<string> {
	try {
		return await readVersion(url);
	} catch (cause) {
		throw new Unavailable(`no server answers at ${url}, which INNGEST_BASE_URL names.`, { cause });
	}
}

async function readVersion(url: string): Promise<string> {
	const answer = await fetch(`${url}/dev`);
	const told: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined;
	const isTold = typeof told === "object" && told !== null && "version" in told;
	return `Inngest's dev server ${isTold ? told.version : "of an unknown version"}`;
}

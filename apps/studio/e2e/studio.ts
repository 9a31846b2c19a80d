import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";

/** A process of the Studio that runs. */
export interface StudioProcess {
	/** Ends it by this signal; resolves with everything that it had written. Again is no harm. */
	end(signal: "SIGTERM" | "SIGKILL"): Promise<string>;
}

export interface Studio extends StudioProcess {
	readonly url: string;
	/** Where its databases and pictures are. */
	readonly dataFolder: string;
}

export type Env = Readonly<Record<string, string>>;

/** Of a process of the Studio, which never works on the repository's own data folder. */
export type StudioEnv = Env & { readonly DARKROOM_DATA: string };

const folder = join(import.meta.dirname, "..");
const root = join(folder, "../..");
const nextBin = createRequire(import.meta.url).resolve("next/dist/bin/next");

/** Starts the built Studio on a free port, with placeholder models in a hurry. */
export async function startStudio(env: StudioEnv): Promise<Studio> {
	const port = await freePort();
	const { end } = await startProcess([nextBin, "start", folder, "--port", String(port)], "studio started", env);
	return { url: `http://localhost:${port}`, dataFolder: env.DARKROOM_DATA, end };
}

/** Starts what `npm run worker` starts. */
export function startWorker(env: StudioEnv): Promise<StudioProcess> {
	return startProcess([join(root, "scripts/run.mjs"), join(folder, "worker.ts")], "worker started", env);
}

/** Runs what `npm run copy` runs; resolves with what it said, or rejects with it when it failed. */
export function runCopy(env: StudioEnv): Promise<string> {
	return runScript("copy.ts", [], env);
}

/** The same for `npm run grant`. */
export function runGrant(args: readonly string[], env: StudioEnv): Promise<string> {
	return runScript("grant.ts", args, env);
}

async function runScript(name: string, args: readonly string[], env: StudioEnv): Promise<string> {
	const child = startNode([join(root, "scripts/run.mjs"), join(folder, name), ...args], env);
	let said = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (chunk: Buffer) => {
			said += chunk;
		});
	}
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(said);
	return said;
}

async function startProcess(args: readonly string[], started: string, env: Env): Promise<StudioProcess> {
	const child = startNode(args, env);
	let log = "";
	child.stdout.on("data", (chunk: Buffer) => {
		log += chunk;
	});
	await untilStarted(child, started);
	return {
		async end(signal) {
			if (child.exitCode === null && child.signalCode === null) {
				child.kill(signal);
				await once(child, "exit");
			}
			return log;
		},
	};
}

function startNode(args: readonly string[], env: Env) {
	return spawn(process.execPath, args, {
		env: {
			PATH: process.env.PATH,
			NODE_ENV: "production",
			NEXT_TELEMETRY_DISABLED: "1",
			// As `npm start` does.
			NEXT_MANUAL_SIG_HANDLE: "true",
			PLACEHOLDER_DELAY_MS: "150",
			...env,
		},
		stdio: ["ignore", "pipe", "pipe"],
	});
}

/** Resolves when it says that it has started; rejects with what it said when it ends instead. */
function untilStarted(child: ChildProcess, started: string): Promise<void> {
	return new Promise((resolve, reject) => {
		let said = "";
		const listen = (chunk: Buffer) => {
			said += chunk;
			if (said.includes(`"${started}"`)) resolve();
		};
		child.stdout?.on("data", listen);
		child.stderr?.on("data", listen);
		child.once("exit", (code) => reject(new Error(`It ended with ${code} before it had said "${started}":\n${said}`)));
	});
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0);
	await once(server, "listening");
	const address = server.address();
	server.close();
	if (address === null || typeof address === "string") throw new Error("No port was given.");
	return address.port;
}

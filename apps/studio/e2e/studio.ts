import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gateIn } from "./gate";

/** A process of the Studio that runs. */
export interface StudioProcess {
	/** What it had written when it had started. */
	readonly said: string;
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

/** A connection that is ended for having been idle, after 5 s by default, may be just the one that a test posts something on. */
const keepAliveMs = 600_000;

/** Starts the built Studio on a free port, with placeholder models in a hurry. */
export async function startStudio(env: StudioEnv): Promise<Studio> {
	// It finds the port and keeps it: one that was found here could be somebody else's before it listens.
	const args = [nextBin, "start", folder, "--port", "0", "--keepAliveTimeout", String(keepAliveMs)];
	const process = await startProcess(args, "studio started", env);
	const url = /http:\/\/localhost:\d+/.exec(process.said)?.[0];
	if (url === undefined) throw new Error(`It did not say where it listens:\n${process.said}`);
	return { ...process, url, dataFolder: env.DARKROOM_DATA };
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

async function startProcess(args: readonly string[], started: string, env: StudioEnv): Promise<StudioProcess> {
	const child = startNode(args, env);
	// What it wrote last may be read after its exit, and before this.
	const closed = once(child, "close");
	let log = "";
	child.stdout.on("data", (chunk: Buffer) => {
		log += chunk;
	});
	await untilStarted(child, started);
	return {
		said: log,
		async end(signal) {
			child.kill(signal);
			await closed;
			return log;
		},
	};
}

function startNode(args: readonly string[], env: StudioEnv) {
	return spawn(process.execPath, args, {
		env: {
			PATH: process.env.PATH,
			NODE_ENV: "production",
			NEXT_TELEMETRY_DISABLED: "1",
			// As `npm start` does.
			NEXT_MANUAL_SIG_HANDLE: "true",
			PLACEHOLDER_DELAY_MS: "150",
			PLACEHOLDER_GATE: gateIn(env.DARKROOM_DATA),
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
		child.once("close", (code) => reject(new Error(`It ended with ${code} before it had said "${started}":\n${said}`)));
	});
}

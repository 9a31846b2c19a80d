import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Studio {
	readonly url: string;
	/** Where its databases and pictures are. */
	readonly dataFolder: string;
	/** Asks it to stop, and removes its data. */
	stop(): Promise<void>;
	/** Ends it by this signal and leaves its data for the next; resolves with everything that it had written. */
	end(signal: "SIGTERM" | "SIGKILL"): Promise<string>;
}

const folder = join(import.meta.dirname, "..");
const nextBin = createRequire(import.meta.url).resolve("next/dist/bin/next");

/** Starts the built Studio on a free port, with an empty data folder of its own and placeholder models in a hurry. */
export async function startStudio(env: Readonly<Record<string, string>> = {}): Promise<Studio> {
	const data = mkdtempSync(join(tmpdir(), "studio-e2e-"));
	const port = await freePort();
	const child = spawn(process.execPath, [nextBin, "start", folder, "--port", String(port)], {
		env: {
			PATH: process.env.PATH,
			NODE_ENV: "production",
			NEXT_TELEMETRY_DISABLED: "1",
			// As `npm start` does.
			NEXT_MANUAL_SIG_HANDLE: "true",
			DARKROOM_DATA: data,
			PLACEHOLDER_DELAY_MS: "150",
			...env,
		},
		stdio: ["ignore", "pipe", "pipe"],
	});
	let log = "";
	child.stdout?.on("data", (chunk: Buffer) => {
		log += chunk;
	});
	await untilStarted(child);
	return {
		url: `http://localhost:${port}`,
		dataFolder: env.DARKROOM_DATA ?? data,
		async stop() {
			if (child.exitCode === null) {
				child.kill("SIGTERM");
				await once(child, "exit");
			}
			rmSync(data, { recursive: true, force: true });
		},
		async end(signal) {
			child.kill(signal);
			await once(child, "exit");
			return log;
		},
	};
}

/** Resolves when the Studio says that it has started; rejects with what it said when it ends instead. */
function untilStarted(child: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		let said = "";
		const listen = (chunk: Buffer) => {
			said += chunk;
			if (said.includes('"studio started"')) resolve();
		};
		child.stdout?.on("data", listen);
		child.stderr?.on("data", listen);
		child.once("exit", (code) => reject(new Error(`The Studio ended with ${code} before it had started:\n${said}`)));
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

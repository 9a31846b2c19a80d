import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { FoundInngest } from "./find-inngest.testsuite.ts";
import { freePort } from "./postgres-server.testsuite.ts";

const startLimitMs = 30_000;
const lookMs = 50;

/** Ports that a dev server takes beside its own. Older ones know fewer of them, and refuse what they do not know. */
const otherPorts = ["connect-gateway-port", "connect-gateway-grpc-port", "connect-executor-grpc-port"];

/** An Inngest server whose time is real, wherever it runs. */
export interface LivingInngest {
	/** What a client has as `baseUrl`. */
	readonly url: string;
	/** Kills it as a crash does and starts it at the same address, with nothing left in it. Absent where it is not ours. */
	restart?(): Promise<void>;
	/** Ends it where it is ours. */
	close(): Promise<void>;
}

/** What was found, started where it does not run yet. Rejects where the one that is named does not answer. */
export async function openInngest(found: FoundInngest): Promise<LivingInngest> {
	if ("url" in found) {
		const { url } = found;
		const answer = await fetch(`${url}/health`).catch((cause: unknown) => {
			throw new Error(`No server answers at ${url}, which INNGEST_BASE_URL names.`, { cause });
		});
		if (!answer.ok) throw new Error(`The server at ${url} answers ${answer.status} when asked for its health.`);
		return { url, close: async () => {} };
	}
	return InngestProcess.start((ports) => commandOf(found.program, ports));
}

/** The tests' own server, in a process of its own. */
export function openPlayedInngest(): Promise<LivingInngest> {
	const program = join(import.meta.dirname, "inngest", "play.testsuite.ts");
	return InngestProcess.start(([port]) => ({
		program: process.execPath,
		args: ["--disable-warning=ExperimentalWarning", program, String(port)],
	}));
}

interface Command {
	readonly program: string;
	readonly args: readonly string[];
}

type MakeCommand = (ports: readonly number[]) => Command;

function commandOf(program: string, [port, ...others]: readonly number[]): Command {
	const { stdout, stderr } = spawnSync(program, ["dev", "--help"], { encoding: "utf8" });
	const known = otherPorts
		.map((name, i) => [`--${name}`, String(others[i])])
		.filter(([flag]) => {
			return `${stdout}${stderr}`.includes(`${flag} `);
		});
	const args = ["dev", "--no-discovery", "--no-poll", "--host", "127.0.0.1", "--port", String(port)];
	// What waits between attempts, and between looks at its queue, is as short as it can be told.
	return { program, args: [...args, "--retry-interval", "1", "--tick", "20", ...known.flat()] };
}

/** A process that is a server, on free ports and in a temporary folder. */
class InngestProcess implements LivingInngest {
	readonly url: string;
	readonly #command: Command;
	readonly #folder = mkdtempSync(join(tmpdir(), "darkroom-inngest-"));
	#process: ChildProcess | undefined;
	#output = "";
	/** The tests are ended in the middle. */
	readonly #killAtExit = () => this.#signal();

	private constructor(command: Command, port: number) {
		this.#command = command;
		this.url = `http://127.0.0.1:${port}`;
	}

	static async start(make: MakeCommand): Promise<LivingInngest> {
		const ports = await Promise.all(Array.from({ length: 1 + otherPorts.length }, freePort));
		const server = new InngestProcess(make(ports), ports[0] as number);
		process.once("exit", server.#killAtExit);
		await server.#start();
		return server;
	}

	async restart(): Promise<void> {
		await this.#kill();
		await this.#start();
	}

	async close(): Promise<void> {
		process.off("exit", this.#killAtExit);
		await this.#kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async #start(): Promise<void> {
		const { program, args } = this.#command;
		// Its own settings may be in the environment of whoever runs the tests.
		const own = Object.entries(process.env).filter(([name]) => !name.startsWith("INNGEST_"));
		const child = spawn(program, args, {
			cwd: this.#folder,
			env: { ...Object.fromEntries(own), DO_NOT_TRACK: "1" },
			// What it could read ends with us.
			stdio: ["pipe", "pipe", "pipe"],
			// A group of its own: npm's program of this name is a script that starts the server as its child.
			detached: true,
		});
		this.#process = child;
		this.#output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk: Buffer) => {
				this.#output = `${this.#output}${chunk}`.slice(-5_000);
			});
		}
		child.once("error", (cause) => {
			this.#output += cause.message;
		});
		await this.#isHealthy(child);
	}

	async #isHealthy(child: ChildProcess): Promise<void> {
		const endsAt = performance.now() + startLimitMs;
		for (;;) {
			const answer = await fetch(`${this.url}/health`).catch(() => undefined);
			if (answer?.ok) return;
			const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
			if (!isGone && performance.now() < endsAt) {
				await pause(lookMs);
				continue;
			}
			await this.close();
			throw new Error(`${this.#command.program} ${this.#command.args.join(" ")} did not start:\n${this.#output}`);
		}
	}

	#signal(): void {
		const { pid, exitCode, signalCode } = this.#process ?? {};
		if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
	}

	async #kill(): Promise<void> {
		const child = this.#process;
		if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, "exit");
		this.#signal();
		await gone;
	}
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A server that runs, for one reading. */
export interface Server {
	readonly url: string;
	/** For servers that are told of their services at another address than they are asked. */
	readonly adminUrl?: string;
	/** Of the process whose memory and processor time count with its children's. */
	readonly pid: number;
	/** Its version and what of its settings decides speed and durability, as the server itself tells it. */
	readonly settings: string;
	/** Resolves when the process has ended. */
	stop(): Promise<void>;
}

/** The machine lacks what a contender needs; the message says what, and how to get it. */
export class Unavailable extends Error {
	override readonly name = "Unavailable";
}

export interface Identity {
	readonly uid: number;
	readonly gid: number;
}

export interface ProcessOptions {
	/** What says that it is ready: a line of its output, or an answer at this address. */
	readonly ready: RegExp | URL;
	readonly identity?: Identity;
	/** Added to this process's own; what is undefined is taken away. */
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly cwd: string;
}

const lookMs = 50;

/** Starts a program and waits until it is ready, for at most 30 seconds. */
export async function startProcess(
	command: string,
	args: readonly string[],
	options: ProcessOptions,
): Promise<{ pid: number; stop(): Promise<void> }> {
	const child = spawn(command, args, {
		cwd: options.cwd,
		env: { ...process.env, ...options.env },
		stdio: ["ignore", "pipe", "pipe"],
		...options.identity,
	});
	let output = "";
	const ready = Promise.withResolvers<void>();
	const read = (chunk: Buffer) => {
		output = (output + chunk).slice(-20_000);
		if (options.ready instanceof RegExp && options.ready.test(output)) ready.resolve();
	};
	child.stdout.on("data", read);
	child.stderr.on("data", read);
	child.once("error", (cause) => ready.reject(new Error(`${command} could not be started.`, { cause })));
	child.once("exit", (code) => ready.reject(new Error(`${command} ended with ${code}:\n${output}`)));
	const { ready: address } = options;
	const looking = address instanceof URL && setInterval(() => void look(address, ready.resolve), lookMs);
	const timer = setTimeout(() => ready.reject(new Error(`${command} was not ready in 30 s:\n${output}`)), 30_000);
	try {
		await ready.promise;
	} catch (error) {
		await end(child);
		throw error;
	} finally {
		clearTimeout(timer);
		if (looking) clearInterval(looking);
	}
	return { pid: child.pid as number, stop: () => end(child) };
}

async function look(address: URL, found: () => void): Promise<void> {
	const answer = await fetch(address).catch(() => undefined);
	if (answer?.ok) found();
}

/** Asks by SIGINT, which to Postgres is "fast"; after 10 seconds it is no longer asked. */
async function end(child: ChildProcess): Promise<void> {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, "exit");
	const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
	child.kill("SIGINT");
	await ended;
	clearTimeout(timer);
}

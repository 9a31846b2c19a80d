import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

/** The repository's root. */
export const root = dirname(import.meta.dirname);

export interface CommandOptions {
	/** Added to this process's own. */
	readonly env?: Readonly<Record<string, string>>;
	/** Default `"inherit"`: the output goes where ours goes. `"collect"` returns it and shows nothing. */
	readonly output?: "inherit" | "collect";
}

export interface CommandResult {
	/** 0 when it went well; 1 when a signal ended it. */
	readonly code: number;
	/** What it wrote on both streams, where it was collected. */
	readonly output: string;
}

/** Runs a program of `node_modules/.bin`, or any other, in the root, under the Node that runs us. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
	const collect = options.output === "collect";
	const path = [join(root, "node_modules", ".bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
	const child = spawn(command, args, {
		cwd: root,
		env: { ...process.env, ...options.env, PATH: path },
		stdio: ["ignore", collect ? "pipe" : "inherit", collect ? "pipe" : "inherit"],
	});
	const chunks: Buffer[] = [];
	child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
	child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
	return new Promise((resolve, reject) => {
		child.on("error", (cause) => reject(new Error(`${command} could not be started`, { cause })));
		child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
	});
}

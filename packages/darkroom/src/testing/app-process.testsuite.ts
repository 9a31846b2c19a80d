import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const longestSilenceMs = 800;

/** A living app: what it says is heard at once, and it can be told something, stopped, let go on, and killed. */
export class AppProcess {
	readonly #child: ChildProcess;
	readonly #ended: Promise<void>;
	readonly #waiting = new Set<(line: string) => void>();
	readonly #ready: Promise<void>;

	/** @param program the path of the file that is run; its task is its argument, as JSON. */
	constructor(program: string, task: object, hear: (line: string) => void) {
		const args = ["--disable-warning=ExperimentalWarning", program, JSON.stringify(task)];
		const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
		// One that is gone hears no more.
		child.stdin.on("error", () => {});
		this.#child = child;
		this.#ready = new Promise((resolve) => this.#waiting.add((line) => line === "ready" && resolve()));
		this.#ended = this.#listen(once(child, "exit"), createInterface({ input: child.stdout }), hear);
		// Whoever waits for its end is told; nobody may be waiting yet.
		this.#ended.catch(() => {});
	}

	/** Undefined where it could not be started. */
	get pid(): number | undefined {
		return this.#child.pid;
	}

	/** Resolves when it has begun to listen, or can no more. */
	async isReady(): Promise<void> {
		await Promise.race([this.#ready, this.#ended]);
	}

	/** One order, as a line of JSON. */
	tell(command: object): void {
		this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
	}

	/**
	 * Once it listens: resolves when it has said this many lines more, or nothing for a while: it may be idle, frozen, or
	 * gone.
	 */
	async says(lines: number): Promise<void> {
		await this.isReady();
		let left = lines;
		const over = new AbortController();
		const said = this.saysSo(() => --left <= 0);
		const silence = pause(longestSilenceMs, undefined, { signal: over.signal }).catch(() => "it spoke");
		await Promise.race([said, silence]);
		over.abort();
	}

	/** Resolves when it has said a line from now on that `isIt`, or can say no more. */
	async saysSo(isIt: (line: string) => boolean): Promise<void> {
		let listener: ((line: string) => void) | undefined;
		const said = new Promise<void>((resolve) => {
			listener = (line) => isIt(line) && resolve();
			this.#waiting.add(listener);
		});
		await Promise.race([said, this.#ended]);
		if (listener) this.#waiting.delete(listener);
	}

	signal(name: "SIGSTOP" | "SIGCONT" | "SIGTERM"): void {
		this.#child.kill(name);
	}

	/** Resolves when it is gone and everything that it said has been heard. True when it was not gone already. */
	async kill(): Promise<boolean> {
		const wasAlive = this.#child.kill("SIGKILL");
		await this.#ended;
		return wasAlive;
	}

	/** Resolves when it has ended by itself, or was asked to before it could listen; rejects when it ended otherwise. */
	async isDone(): Promise<void> {
		await this.#ended;
		if (this.#child.exitCode !== 0 && this.#child.signalCode !== "SIGTERM")
			throw new Error(`The process ended with ${this.#child.exitCode ?? this.#child.signalCode}.`);
	}

	async #listen(exited: Promise<unknown>, lines: AsyncIterable<string>, hear: (line: string) => void): Promise<void> {
		for await (const line of lines) {
			// What it said before it died is true, however late it is read.
			hear(line);
			for (const listener of this.#waiting) listener(line);
		}
		await exited;
		if (this.#child.exitCode) throw new Error(`The process ended with ${this.#child.exitCode}.`);
	}
}

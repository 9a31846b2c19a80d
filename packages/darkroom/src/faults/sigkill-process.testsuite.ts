import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A living app: what it says is heard at once, and it can be stopped, let go on, and killed. */
export class AppProcess {
	readonly #child: ChildProcess;
	readonly #ended: Promise<void>;
	readonly #waiting: { readonly lines: number; readonly resolve: () => void }[] = [];
	#lines = 0;

	/** @param program the file of this folder that is run; it finds its task on stdin, as JSON. */
	constructor(program: string, task: object, hear: (line: string) => void) {
		const path = join(import.meta.dirname, program);
		const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		child.stdin.end(JSON.stringify(task));
		this.#child = child;
		this.#ended = this.#listen(once(child, "exit"), createInterface({ input: child.stdout }), hear);
	}

	/** Resolves when it has said this many lines more, or can say no more. */
	async says(lines: number): Promise<void> {
		const enough = new Promise<void>((resolve) => {
			this.#waiting.push({ lines: this.#lines + lines, resolve });
		});
		await Promise.race([enough, this.#ended]);
	}

	signal(name: "SIGSTOP" | "SIGCONT"): void {
		this.#child.kill(name);
	}

	/** Resolves when it is gone and everything that it said has been heard. True when it was not gone already. */
	async kill(): Promise<boolean> {
		const wasAlive = this.#child.kill("SIGKILL");
		await this.#ended;
		return wasAlive;
	}

	/** Resolves when it has worked off everything; rejects when it ended otherwise. */
	async isDone(): Promise<void> {
		await this.#ended;
		if (this.#child.exitCode !== 0) throw new Error(`The process ended with ${this.#child.exitCode}.`);
	}

	async #listen(exited: Promise<unknown>, lines: AsyncIterable<string>, hear: (line: string) => void): Promise<void> {
		for await (const line of lines) {
			// What it said before it died is true, however late it is read.
			hear(line);
			this.#lines++;
			for (const { lines: wanted, resolve } of this.#waiting) if (this.#lines >= wanted) resolve();
		}
		await exited;
		if (this.#child.exitCode) throw new Error(`The process ended with ${this.#child.exitCode}.`);
	}
}

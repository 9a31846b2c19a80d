import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { benchFolder } from "../../src/machine.ts";
import { type Server, Unavailable } from "../../src/servers/server-process.ts";
import type { Answer, Task } from "./child.ts";
import type { Entry } from "./contenders.ts";
import type { Limits, Reading } from "./measure.ts";

/** What came of one contender in one round. */
export type Outcome =
	| { readonly reading: Reading; readonly serverSettings: string | undefined }
	| {
			/** A sentence for the table. */
			readonly unavailable: string;
			/** What went wrong, where it is not only that the machine lacks something. */
			readonly fault?: unknown;
	  };

/** Takes readings one after the other, each on a server, a folder and a process of its own, all gone after it. */
export class Rounds {
	readonly #root = mkdtempSync(join(benchFolder, "darkroom-peers-"));
	readonly #limits: Limits;
	#count = 0;
	#server: Promise<Server> | undefined;
	#child: ChildProcess | undefined;
	#isClosed = false;

	constructor(limits: Limits) {
		this.#limits = limits;
		// Servers that do not run as us pass through it to their own folder.
		chmodSync(this.#root, 0o711);
	}

	/** What cannot run here, or fails, is an outcome too, so that it costs the others nothing. */
	async read(entry: Entry): Promise<Outcome> {
		const folder = join(this.#root, String(this.#count++));
		mkdirSync(folder);
		try {
			this.#server = entry.start?.(folder);
			const server = await this.#server;
			if (this.#isClosed) throw new Error("Stopped while its server began.");
			const { url = "", adminUrl = "", pid } = server ?? {};
			const surroundings = { folder, url, adminUrl };
			const answer = await this.#ask({ id: entry.id, surroundings, limits: this.#limits, serverPid: pid });
			return "reading" in answer ? { ...answer, serverSettings: server?.settings } : answer;
		} catch (error) {
			if (error instanceof Unavailable) return { unavailable: error.message };
			return { unavailable: "it failed, see above", fault: error };
		} finally {
			await this.#clear();
			rmSync(folder, { recursive: true, force: true });
		}
	}

	/** Stops what runs and deletes everything; for the end and for Ctrl-C. */
	async close(): Promise<void> {
		this.#isClosed = true;
		await this.#clear();
		rmSync(this.#root, { recursive: true, force: true });
	}

	async #clear(): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (child && child.exitCode === null && child.signalCode === null) {
			const ended = once(child, "exit");
			child.kill("SIGKILL");
			await ended;
		}
		const server = await this.#server?.catch(() => undefined);
		this.#server = undefined;
		await server?.stop();
	}

	#ask(task: Task): Promise<Answer> {
		const child = fork(new URL("./child.ts", import.meta.url), [JSON.stringify(task)], {
			execArgv: [...process.execArgv, "--disable-warning=DeprecationWarning"],
		});
		this.#child = child;
		const seconds = 60 + 4 * this.#limits.seconds;
		return new Promise<Answer>((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(`It was not done after ${seconds} s.`)), seconds * 1_000);
			child.once("exit", () => clearTimeout(timer));
			child.once("message", (answer) => resolve(answer as Answer));
			child.once("exit", (code, signal) => reject(new Error(`Its process ended with ${code ?? signal}.`)));
		});
	}
}

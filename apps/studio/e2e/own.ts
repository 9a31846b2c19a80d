import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, type TestDatabase } from "./database";
import { Gate } from "./gate";
import { type InngestProcess, startInngest } from "./inngest";
import { type Env, runCopy, runGrant, type Studio, type StudioProcess, startStudio, startWorker } from "./studio";
import { test as base } from "./test";

/** What a test has of its own: processes on a data folder, and a database where it asks for one. Gone after it. */
export interface Own {
	readonly dataFolder: string;
	/** What keeps models from answering a prompt with `[gate]`, closed at first. */
	readonly gate: Gate;
	createDatabase(): Promise<TestDatabase>;
	startInngest(): Promise<InngestProcess>;
	/** `env` comes to what names the data folder, here and below. Default: none. */
	startStudio(env?: Env): Promise<Studio>;
	startWorker(env?: Env): Promise<StudioProcess>;
	runCopy(env: Env): Promise<string>;
	runGrant(args: readonly string[], env: Env): Promise<string>;
}

/** The Studio's test, for what happens to a process: it stops, is killed, or stands beside others. */
export const test = base.extend<{ readonly own: Own }>({
	own: async ({ context }, use) => {
		const dataFolder = mkdtempSync(join(tmpdir(), "studio-own-"));
		const processes: StudioProcess[] = [];
		const databases: TestDatabase[] = [];
		const inngests: InngestProcess[] = [];
		const keep = <Kind, One extends Kind>(all: Kind[], one: One): One => {
			all.push(one);
			return one;
		};
		await use({
			dataFolder,
			gate: new Gate(dataFolder),
			createDatabase: async () => keep(databases, await createDatabase()),
			startInngest: async () => keep(inngests, await startInngest()),
			startStudio: async (env) => keep(processes, await startStudio({ DARKROOM_DATA: dataFolder, ...env })),
			startWorker: async (env) => keep(processes, await startWorker({ DARKROOM_DATA: dataFolder, ...env })),
			runCopy: (env) => runCopy({ DARKROOM_DATA: dataFolder, ...env }),
			runGrant: (args, env) => runGrant(args, { DARKROOM_DATA: dataFolder, ...env }),
		});
		// Before the processes, which the pages would miss.
		await Promise.all(context.pages().map((page) => page.close()));
		await Promise.all(processes.map((process) => process.end("SIGKILL")));
		await Promise.all(inngests.map((inngest) => inngest.end()));
		await Promise.all(databases.map((database) => database.drop()));
		rmSync(dataFolder, { recursive: true, force: true });
	},
});

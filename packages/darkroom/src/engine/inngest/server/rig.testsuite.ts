import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { LivingInngest } from "../../../testing/inngest-process.testsuite.ts";
import type { AnyJobDefinition } from "../../define-job.ts";
import { type App, type AppOptions, openApp, register, unique } from "./app.testsuite.ts";

/** Longer than a server is given to be there. */
const startLimitMs = 40_000;

type Rest = Partial<Pick<AppOptions, "engine" | "id" | "path" | "port">>;

/** One server for all tests of a `describe`, an empty database for each of them, and nothing left of them. */
export class ServerRig {
	readonly #apps: App[] = [];
	#server: LivingInngest | undefined;
	#folder: string | undefined;

	/** To be called in a `describe`. */
	static use(open: () => Promise<LivingInngest>): ServerRig {
		const rig = new ServerRig();
		beforeAll(async () => {
			rig.#server = await open();
		}, startLimitMs);
		afterEach(() => rig.#closeApps());
		afterAll(() => rig.#server?.close());
		return rig;
	}

	get server(): LivingInngest {
		if (!this.#server) throw new Error("There is no server before the first test.");
		return this.#server;
	}

	/** Of this test's database. */
	async path(): Promise<string> {
		this.#folder ??= await mkdtemp(join(tmpdir(), "darkroom-server-"));
		return join(this.#folder, "darkroom.db");
	}

	/** An app that Inngest knows and calls. */
	async serve(jobs: readonly AnyJobDefinition[], rest: Rest = {}): Promise<App> {
		const app = await this.open(jobs, { port: 0, ...rest });
		await register(app.url);
		return app;
	}

	/** An app that Inngest does not know. */
	async open(jobs: readonly AnyJobDefinition[], rest: Rest = {}): Promise<App> {
		const path = await this.path();
		const app = await openApp({ path, jobs, serverUrl: this.server.url, id: unique("app"), ...rest });
		this.#apps.push(app);
		return app;
	}

	async #closeApps(): Promise<void> {
		for (const app of this.#apps.splice(0)) await app.close();
		if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
		this.#folder = undefined;
	}
}

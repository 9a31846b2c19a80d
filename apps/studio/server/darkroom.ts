import { join } from "node:path";
import type { Darkroom, DarkroomOptions, Store } from "darkroom";
import { definitions } from "../jobs/definitions.ts";
import { type Config, getConfig } from "./config.ts";
import { makeInngestClient } from "./inngest.ts";
import { getLogger } from "./logger.ts";

/**
 * Next loads `instrumentation.ts` and the routes as separate module graphs, so a module's variable would make
 * two runtimes on one database; the process's global holds the only one.
 */
const slot = Symbol.for("darkroom");
const holder = globalThis as typeof globalThis & { [slot]?: Promise<Darkroom> };
/** False in a module graph whose definitions the runtime has not seen: a new one, after a hot reload. */
let isDefined = false;

/**
 * The one Darkroom of this process, made at the first call and never at import, so that a build opens nothing.
 * @throws ConfigError and `misconfigured`, which end the start; a later call tries again.
 */
export async function getDarkroom(): Promise<Darkroom> {
	holder[slot] ??= makeDarkroom().catch((error: unknown) => {
		holder[slot] = undefined;
		throw error;
	});
	const darkroom = await holder[slot];
	if (!isDefined) {
		// A hot reload evaluates the job files again but never restarts the process: the runtime takes them over.
		darkroom.define(definitions);
		isDefined = true;
	}
	return darkroom;
}

/**
 * The library is loaded by Node itself: Turbopack bundles a workspace's packages whatever `serverExternalPackages`
 * says, and within a bundle the library would find neither its migrations nor its worker.
 */
async function makeDarkroom(): Promise<Darkroom> {
	const config = getConfig();
	const [{ createDarkroom }, { files }, { modelsFromEnvironment }, store, engine] = await Promise.all([
		import(/* turbopackIgnore: true */ "darkroom"),
		import(/* turbopackIgnore: true */ "darkroom/assets/files"),
		import(/* turbopackIgnore: true */ "darkroom/models"),
		makeStore(config),
		makeEngine(config),
	]);
	return createDarkroom({
		jobs: definitions,
		store,
		engine,
		assets: files(join(config.dataFolder, "assets")),
		models: modelsFromEnvironment(process.env),
		// Nobody can be recognised in less, so nobody should pay for it.
		uploadMinSidePixels: 32,
		logger: getLogger(),
	});
}

async function makeEngine({ inngest: settings, concurrency }: Config): Promise<DarkroomOptions["engine"]> {
	if (settings !== null) {
		const { inngest } = await import(/* turbopackIgnore: true */ "darkroom/inngest");
		return inngest({ client: await makeInngestClient(settings, getLogger()) });
	}
	const { embedded } = await import(/* turbopackIgnore: true */ "darkroom");
	return embedded({ concurrency });
}

/** Where this configuration keeps jobs and credits; not opened yet. */
export async function makeStore({ databaseUrl, databaseListens: listen, dataFolder }: Config): Promise<Store> {
	const logger = getLogger();
	if (databaseUrl !== null) {
		const { postgres } = await import(/* turbopackIgnore: true */ "darkroom/postgres");
		return postgres(databaseUrl, { listen, logger });
	}
	const { sqlite } = await import(/* turbopackIgnore: true */ "darkroom/sqlite");
	return sqlite(join(dataFolder, "darkroom.db"), { logger });
}

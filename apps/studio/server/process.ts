import { join } from "node:path";
import { isDarkroomError } from "darkroom";
import { compareAssetFolder } from "./asset-folder.ts";
import { type Config, ConfigError, getConfig } from "./config.ts";
import { refuseCopied } from "./copied-mark.ts";
import { refuseHalfCopy } from "./copy-note.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { getLogger } from "./logger.ts";
import { checkDatabase } from "./postgres.ts";

/** Time for running jobs to finish before they are handed back, ms. */
export const graceMs = 5_000;

/** The life of one sort of process of the Studio. */
interface Life {
	/** With which the sentence begins that says why it cannot start. */
	readonly name: string;
	/** What its log says when it has started. */
	readonly started: string;
	readonly start: (config: Config) => Promise<void>;
	/** The process ends after it. */
	readonly stop: () => Promise<void>;
}

/**
 * Brings a process of the Studio up, or ends it and says why not. From then on SIGTERM and SIGINT stop it: the one place
 * where its signals are heard.
 */
export async function startOrExit({ name, started, start, stop }: Life): Promise<void> {
	try {
		const config = getConfig();
		prepareDataFolder(config.dataFolder);
		await checkRows(config);
		await start(config);
		const { dataFolder, databaseUrl } = config;
		if (databaseUrl !== null) {
			await compareAssetFolder({ folder: join(dataFolder, "assets"), databaseUrl, logger: getLogger() });
		}
		getLogger().info({ dataFolder, store: databaseUrl === null ? "sqlite" : "postgres", ...engineOf(config) }, started);
	} catch (error) {
		process.stderr.write(`${name} cannot start. ${reasonOf(error)}\n`);
		process.exit(1);
	}
	const end = () => {
		stop()
			.catch((error: unknown) => getLogger().error({ error: error as Error }, "it did not stop cleanly"))
			.finally(() => process.exit(0));
	};
	process.once("SIGTERM", end);
	process.once("SIGINT", end);
}

/** Who runs jobs; how many at once is Inngest's to say where it does. */
function engineOf({ inngest, concurrency }: Config) {
	if (inngest === null) return { engine: "embedded", concurrency };
	return { engine: "inngest", inngest: inngest.isDev ? "dev" : "production" };
}

/** @throws ConfigError where rows cannot be kept, or are whole in another place than this. */
export async function checkRows({ databaseUrl, dataFolder }: Config): Promise<void> {
	if (databaseUrl === null) return refuseCopied(dataFolder);
	await checkDatabase(databaseUrl);
	await refuseHalfCopy(databaseUrl);
}

/** What we refuse ourselves is told in its own sentence; anything else brings its stack along. */
function reasonOf(error: unknown): string {
	if (error instanceof ConfigError) return error.message;
	if (isDarkroomError(error))
		return error.cause instanceof Error ? `${error.detail} ${error.cause.message}` : error.detail;
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { accessSync, constants, mkdirSync } from "node:fs";
import { isDarkroomError } from "darkroom";
import { getAuth } from "./auth";
import { ConfigError, getConfig } from "./config";
import { getDarkroom } from "./darkroom";
import { getLogger } from "./logger";

/** Time for running jobs to finish before they are handed back, ms. */
const graceMs = 5_000;

/**
 * Brings the Studio up before its first request, or ends the process and says why not: Next alone would go on, and
 * answer every request with the same failure.
 */
export async function startStudio(): Promise<void> {
	try {
		prepareDataFolder(getConfig().dataFolder);
		const darkroom = await getDarkroom();
		await Promise.all([darkroom.start(), getAuth()]);
		getLogger().info({ dataFolder: getConfig().dataFolder }, "studio started");
	} catch (error) {
		process.stderr.write(`Darkroom Studio cannot start. ${reasonOf(error)}\n`);
		process.exit(1);
	}
	process.once("SIGTERM", stopStudio);
	process.once("SIGINT", stopStudio);
}

/** @throws ConfigError when the folder cannot be made or written to. */
function prepareDataFolder(folder: string): void {
	try {
		// Sessions and photos lie here: nobody else on the machine may look.
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		accessSync(folder, constants.R_OK | constants.W_OK);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new ConfigError(`DARKROOM_DATA is "${folder}", and that folder cannot be used: ${reason}.`, { cause });
	}
}

/** What we refuse ourselves is told in its own sentence; anything else brings its stack along. */
function reasonOf(error: unknown): string {
	if (error instanceof ConfigError) return error.message;
	if (isDarkroomError(error))
		return error.cause instanceof Error ? `${error.detail} ${error.cause.message}` : error.detail;
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Ours alone: with NEXT_MANUAL_SIG_HANDLE, which `npm start` sets, Next leaves the signals to us. Otherwise it would
 * end the process at once, and every job in it would wait for its lease to run out.
 */
function stopStudio(): void {
	getDarkroom()
		.then((darkroom) => darkroom.stop({ graceMs }))
		.catch((error: unknown) => getLogger().error({ error: error as Error }, "the runtime did not stop cleanly"))
		.finally(() => process.exit(0));
}

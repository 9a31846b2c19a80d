import { type Darkroom, isDarkroomError } from "darkroom";
import { getAuth } from "./auth";
import { ConfigError, getConfig } from "./config";
import { getDarkroom } from "./darkroom";
import { getLogger } from "./logger";

/** Time for running jobs to finish before they are handed back, ms. */
const graceMs = 5_000;

/** Brings the Studio up before its first request, or ends the process with one sentence that says why not. */
export async function startStudio(): Promise<void> {
	const darkroom = await configured();
	await Promise.all([darkroom.start(), getAuth()]);
	getLogger().info({ dataFolder: getConfig().dataFolder }, "studio started");
	process.once("SIGTERM", stopStudio);
	process.once("SIGINT", stopStudio);
}

async function configured(): Promise<Darkroom> {
	try {
		return await getDarkroom();
	} catch (error) {
		if (!(error instanceof ConfigError || isDarkroomError(error, "misconfigured"))) throw error;
		process.stderr.write(`Darkroom Studio cannot start. ${error.message}\n`);
		process.exit(1);
	}
}

/**
 * Next closes its server on the same signals and then waits for open connections: the event streams must end, or
 * it would wait for as long as somebody watches.
 */
function stopStudio(): void {
	getDarkroom()
		.then((darkroom) => darkroom.stop({ graceMs }))
		.catch((error: unknown) => getLogger().error({ error: error as Error }, "the runtime did not stop cleanly"));
}

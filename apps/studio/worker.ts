import nextEnv from "@next/env";
import { ConfigError } from "./server/config.ts";
import { getDarkroom } from "./server/darkroom.ts";
import { getLogger } from "./server/logger.ts";
import { graceMs, startOrExit } from "./server/process.ts";

/**
 * `npm run worker`: the Studio's jobs without its web server, on the same database and pictures as the processes that
 * serve. Any number may run. Configured as the Studio is, by the same files.
 *
 * On Inngest jobs run where its calls are answered, in the processes that serve. What is left for this one is to sweep, and to
 * send events: a second pair of eyes, for which nothing has to wait.
 */
nextEnv.loadEnvConfig(import.meta.dirname, false);

// The runtime's timers let a process end, and without a web server there is nothing else that holds it.
setInterval(() => {}, 2 ** 30);

await startOrExit({
	name: "The worker",
	started: "worker started",
	start: async ({ inngest, concurrency }) => {
		if (inngest === null && concurrency === 0) {
			throw new ConfigError('DARKROOM_CONCURRENCY is "0": a worker must have at least 1, or it would do nothing.');
		}
		await (await getDarkroom()).start();
		if (inngest !== null) getLogger().warn("no job runs in a worker on Inngest: this one sweeps, and sends events");
	},
	stop: async () => (await getDarkroom()).stop({ graceMs }),
});

import { closeAuth, getAuth } from "./auth.ts";
import { getDarkroom } from "./darkroom.ts";
import { getLogger } from "./logger.ts";
import { graceMs, startOrExit } from "./process.ts";

/**
 * Brings the Studio up before its first request, or ends the process and says why not: Next alone would go on, and
 * answer every request with the same failure.
 */
export function startStudio(): Promise<void> {
	return startOrExit({
		name: "Darkroom Studio",
		started: "studio started",
		start: async ({ inngest }) => {
			const darkroom = await getDarkroom();
			await Promise.all([darkroom.start(), getAuth()]);
			if (inngest?.isDev && process.env.NODE_ENV === "production") {
				getLogger().warn(
					"INNGEST_DEV is on: whoever reaches /api/inngest can make Inngest's calls, which nobody signs",
				);
			}
		},
		stop: stopStudio,
	});
}

/**
 * Ours alone: with NEXT_MANUAL_SIG_HANDLE, which `npm start` sets, Next leaves the signals to us. Otherwise it would
 * end the process at once, and every job in it would wait for its lease to run out.
 */
async function stopStudio(): Promise<void> {
	const darkroom = await getDarkroom();
	await darkroom.stop({ graceMs });
	await closeAuth();
}

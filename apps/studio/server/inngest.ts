import type { Darkroom } from "darkroom";
import type { Inngest } from "inngest";
import type { RequestHandler } from "inngest/next";
import type { Logger } from "pino";
import type { InngestConfig } from "./inngest-config.ts";

/** The Studio's name in Inngest. Under another one it would be another app there, and its runs would not be ours. */
const appId = "darkroom-studio";

/**
 * The client of `inngest({ client })`. It is told everything that `config` has judged: left to itself it would look into the
 * environment, and take a word that it does not know for an address. What `config` does not have it does look up there, such
 * as INNGEST_SIGNING_KEY_FALLBACK and INNGEST_SERVE_ORIGIN.
 */
export async function makeInngestClient(config: InngestConfig, logger: Logger): Promise<Inngest.Any> {
	const { Inngest } = await import(/* turbopackIgnore: true */ "inngest");
	const { isDev, baseUrl, eventKey, signingKey } = config;
	return new Inngest({
		id: appId,
		isDev,
		...(baseUrl !== null && { baseUrl }),
		...(eventKey !== null && { eventKey }),
		...(signingKey !== null && { signingKey }),
		internalLogger: logger.child({ by: "inngest" }),
		// It says at `error` of each step that a run ends with it, a cancelled one's too. The library has said so by then, as it is.
		logger: logger.child({ by: "inngest" }, { level: logger.isLevelEnabled("debug") ? "debug" : "silent" }),
	});
}

/** What a route answers Inngest with, by method. */
export interface InngestRoute {
	readonly GET: RequestHandler;
	readonly POST: RequestHandler;
	readonly PUT: RequestHandler;
}

/**
 * Loaded by Node itself, as the library and the client are: bundled, this would be a second copy of each, which knows nothing
 * of this Darkroom.
 * @throws `misconfigured` for a Darkroom on another engine
 */
export async function makeInngestRoute(darkroom: Darkroom, config: InngestConfig): Promise<InngestRoute> {
	const [{ inngestHandlers }, { serve }] = await Promise.all([
		import(/* turbopackIgnore: true */ "darkroom/inngest"),
		import(/* turbopackIgnore: true */ "inngest/next"),
	]);
	// Unsigned, anybody could make this process register itself under whatever host they name.
	return serve({ ...inngestHandlers(darkroom), enableUnauthedSync: config.allowsUnsignedSync });
}

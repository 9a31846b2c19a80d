import { isDarkroomError } from "darkroom";
import { type Logger, pino } from "pino";
import { getConfig } from "./config.ts";

let logger: Logger | undefined;

/** JSON lines on stdout. `DEBUG=true` adds requests, database operations and stacks. */
export function getLogger(): Logger {
	logger ??= pino({
		name: "studio",
		level: getConfig().isDebug ? "debug" : "info",
		serializers: { error: serializeError, err: serializeError },
	});
	return logger;
}

/**
 * Our own errors say what may be said. The words of any other, such as a vendor's, may hold a prompt or a model's
 * answer: those, and stacks, are for whoever asked for them with DEBUG.
 */
function serializeError(error: unknown): unknown {
	if (!(error instanceof Error)) return error;
	return {
		name: error.name,
		...(isDarkroomError(error) || getConfig().isDebug ? { message: error.message } : {}),
		...("code" in error ? { code: error.code } : {}),
		...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
		...(getConfig().isDebug ? { stack: error.stack } : {}),
	};
}

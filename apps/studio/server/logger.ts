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

/** Causes are always told; stacks only to who asked for them. */
function serializeError(error: unknown): unknown {
	if (!(error instanceof Error)) return error;
	return {
		name: error.name,
		message: error.message,
		...("code" in error ? { code: error.code } : {}),
		...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
		...(getConfig().isDebug ? { stack: error.stack } : {}),
	};
}

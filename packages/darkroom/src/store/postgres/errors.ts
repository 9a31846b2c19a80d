import { DarkroomError, isDarkroomError } from "../../core/errors.ts";

/**
 * Classes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), and codes that are
 * not like the rest of theirs, after which the database may well come back.
 */
const reasons: Record<string, string> = {
	"08": "the connection was lost",
	"25": "it is read-only",
	"28": "it refuses this user",
	"3D": "it is not there",
	"40": "it gave precedence to another transaction",
	"53": "it has no room or no connection left",
	"55": "something it needs is locked",
	"57014": "it gave up a statement that took longer than it allows",
	"57": "it is shutting down or starting",
	"58": "its disk failed",
	XX: "it is damaged",
};

/** What Node says of a connection that could not be made or was cut. */
const networkCodes = new Set([
	"ECONNREFUSED",
	"ECONNRESET",
	"ECONNABORTED",
	"EPIPE",
	"ENOTFOUND",
	"EAI_AGAIN",
	"ETIMEDOUT",
	"EHOSTUNREACH",
	"ENETUNREACH",
	"ENOENT",
	"EACCES",
]);

/** The driver's own errors have no code. */
const driverWords =
	/connection terminated|not queryable|connection error|timeout exceeded|timeout expired|read timeout|client was closed/i;

/**
 * What the store rejects with: refusals as they are, troubles of server and network as `store_unavailable`,
 * the rest as it is.
 */
export function toStoreError(error: unknown): unknown {
	if (isDarkroomError(error)) return error;
	const reason = reasonOf(error);
	if (reason === undefined) return error;
	return new DarkroomError("store_unavailable", {
		detail: `The database cannot be used: ${reason}. What was accepted is kept; try again in a moment.`,
		retryAfterMs: 1_000,
		cause: error,
	});
}

/** Whether it is the connection that failed, so that what was asked may have been done or not. */
export function isConnectionLost(error: unknown): boolean {
	const code = codeOf(error);
	if (code === undefined) return error instanceof Error && driverWords.test(error.message);
	return networkCodes.has(code) || code.startsWith("08") || code.startsWith("57P");
}

/** Whether nobody answers where it was looked for. */
export function isUnreachable(error: unknown): boolean {
	// Several addresses were tried, and each failed.
	return error instanceof AggregateError || networkCodes.has(codeOf(error) ?? "");
}

function reasonOf(error: unknown): string | undefined {
	if (!(error instanceof Error)) return undefined;
	if (isUnreachable(error)) return "it cannot be reached";
	const code = codeOf(error);
	if (code === undefined) return driverWords.test(error.message) ? "the connection was lost" : undefined;
	return code.length === 5 ? (reasons[code] ?? reasons[code.slice(0, 2)]) : undefined;
}

/** What is dealt with in a way of its own, by the name that the same appendix gives it. */
const sqlStates = { insufficient_privilege: "42501", lock_not_available: "55P03" } as const;

/** Whether it is this that the server says. */
export function hasSqlState(error: unknown, name: keyof typeof sqlStates): boolean {
	return codeOf(error) === sqlStates[name];
}

/** A SQLSTATE, or what Node calls it. */
export function codeOf(error: unknown): string | undefined {
	if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
	return error.code;
}

import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import type { JobStatus, Problem } from "./protocol.ts";

/** How long to stay away when nothing better is known, in seconds, by status. */
const defaultRetryAfterSeconds: Readonly<Record<number, number>> = { 429: 5, 503: 2 };

/**
 * Whatever was thrown, as an RFC 9457 answer. Only errors of ours speak for themselves: the message of any other
 * may hold a path, a query or a key, so its answer is `internal` and the log has the rest.
 */
export function answerProblem(error: unknown): Response {
	const known = isDarkroomError(error) ? error : internalError(error);
	const headers = new Headers({
		"content-type": "application/problem+json",
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
	});
	const retryAfter = retryAfterSeconds(known);
	if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
	if (known.code === "bad_signature") headers.set("www-authenticate", "Bearer");
	if (known.code === "method_not_allowed") headers.set("allow", String(known.data.allow));
	if (known.code === "range_not_satisfiable") headers.set("content-range", `bytes */${known.data.size}`);
	return new Response(JSON.stringify(toProblem(known)), { status: known.status, headers });
}

/** The error's facts beside the standard members, which they never replace. */
function toProblem(error: DarkroomError): Problem {
	const { status: jobStatus, ...facts } = error.data;
	return {
		...(jobStatus === undefined ? {} : { jobStatus: jobStatus as JobStatus }),
		...facts,
		type: `urn:darkroom:error:${error.code}`,
		title: error.title,
		status: error.status,
		detail: error.detail,
		code: error.code,
		retryable: error.retryable,
	};
}

function internalError(cause: unknown): DarkroomError {
	return new DarkroomError("internal", {
		detail: "The server could not answer this request. Nothing was charged for it; please try again.",
		cause,
	});
}

function retryAfterSeconds(error: DarkroomError): number | undefined {
	if (error.retryAfterMs !== undefined) return Math.max(1, Math.ceil(error.retryAfterMs / 1_000));
	return defaultRetryAfterSeconds[error.status];
}

import type { ErrorCode, Problem } from "../http/protocol.ts";

/**
 * `offline`: no answer came, so whether the request arrived is unknown. `bad_answer`: an answer came that is none
 * of Darkroom's, such as a proxy's error page. All others are the server's own.
 */
export type ProblemCode = ErrorCode | "offline" | "bad_answer";

interface ProblemErrorFields {
	readonly status: number;
	readonly title: string;
	readonly detail: string;
	readonly retryable: boolean;
	readonly data?: Readonly<Record<string, unknown>>;
	readonly retryAfterMs?: number;
	readonly cause?: unknown;
}

/** The one error class of the client: a request that was refused, or that got no answer. */
export class ProblemError extends Error {
	override readonly name = "ProblemError";
	readonly code: ProblemCode;
	/** HTTP status; 0 when no answer came. */
	readonly status: number;
	/** What happened, in a few words. */
	readonly title: string;
	/** What failed and what to do: a sentence for the person who asked. */
	readonly detail: string;
	/** Whether the same request may succeed later, unchanged. */
	readonly retryable: boolean;
	/** The facts that stood beside the error, such as `needed` and `available`, or `issues`. */
	readonly data: Readonly<Record<string, unknown>>;
	/** How long the server asks to wait, in ms; undefined when it did not say. */
	readonly retryAfterMs: number | undefined;

	constructor(code: ProblemCode, fields: ProblemErrorFields) {
		super(fields.detail, fields.cause === undefined ? undefined : { cause: fields.cause });
		this.code = code;
		this.status = fields.status;
		this.title = fields.title;
		this.detail = fields.detail;
		this.retryable = fields.retryable;
		this.data = fields.data ?? {};
		this.retryAfterMs = fields.retryAfterMs;
	}

	/** Whether the request may have been carried out although no useful answer came back. */
	get isOutcomeUnknown(): boolean {
		return this.status === 0 || this.status >= 500 || this.code === "bad_answer";
	}
}

/** Several copies of this module may be loaded, so the name decides, not `instanceof`. */
export function isProblemError(error: unknown, code?: ProblemCode): error is ProblemError {
	return (
		error instanceof Error &&
		error.name === "ProblemError" &&
		(code === undefined || (error as ProblemError).code === code)
	);
}

/** What `fetch` threw, in our terms. An abort passes unchanged: whoever aborted knows why. */
export function fromNetworkFailure(cause: unknown): unknown {
	if (cause instanceof Error && (cause.name === "AbortError" || cause.name === "ProblemError")) return cause;
	return new ProblemError("offline", {
		status: 0,
		title: "No connection",
		detail: "The server cannot be reached. Check your connection and try again.",
		retryable: true,
		cause,
	});
}

/** An answer that is no success, from its status, its `Retry-After` header and its text. */
export function fromAnswer(status: number, text: string, retryAfter: string | null): ProblemError {
	const wait = retryAfter === null || retryAfter === "" ? Number.NaN : Number(retryAfter) * 1_000;
	const retryAfterMs = Number.isFinite(wait) ? wait : undefined;
	const problem = parseProblem(text);
	if (!problem) {
		return new ProblemError("bad_answer", {
			status,
			title: "Unexpected answer",
			detail: `The server answered ${status} without saying why. Try again in a moment.`,
			retryable: status >= 500 || status === 429,
			retryAfterMs,
		});
	}
	const { type: _type, status: _status, title, detail, code, retryable, ...data } = problem;
	return new ProblemError(code, { status, title, detail, retryable, data, retryAfterMs });
}

function parseProblem(text: string): Problem | undefined {
	try {
		const value = JSON.parse(text) as Partial<Problem> | null;
		const isOurs = typeof value?.code === "string" && typeof value.detail === "string";
		return isOurs ? ({ status: 0, title: value.code, retryable: false, type: "", ...value } as Problem) : undefined;
	} catch {
		// Not JSON: a proxy's page or an empty body. The caller says so with the status, which is all there is to know.
		return undefined;
	}
}

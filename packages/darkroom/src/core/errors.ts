/**
 * Every way Darkroom says no, in one table. A code is part of the wire and never changes its meaning;
 * `docs/reference/errors.md` is held equal to this table by a test.
 */
export interface ErrorRule {
	/** The HTTP status that carries this error. */
	readonly status: number;
	/** Whether the same request can succeed later, unchanged. */
	readonly retryable: boolean;
	/** What happened, in a few words that hold for every instance. */
	readonly title: string;
}

export const errorRules = {
	unauthenticated: { status: 401, retryable: false, title: "Sign in first" },
	bad_signature: { status: 401, retryable: false, title: "Secret or signature missing or wrong" },
	cross_origin: { status: 403, retryable: false, title: "Request from another site refused" },
	not_found: { status: 404, retryable: false, title: "Not found" },
	unknown_kind: { status: 404, retryable: false, title: "No such kind of job" },
	method_not_allowed: { status: 405, retryable: false, title: "Method not allowed" },
	invalid_input: { status: 400, retryable: false, title: "Invalid input" },
	too_large: { status: 413, retryable: false, title: "Too large" },
	unsupported_image: { status: 415, retryable: false, title: "Not an image that can be used" },
	unreadable_image: { status: 422, retryable: false, title: "Image cannot be read" },
	range_not_satisfiable: { status: 416, retryable: false, title: "Nothing in this range" },
	insufficient_credits: { status: 402, retryable: false, title: "Not enough credits" },
	conflict: { status: 409, retryable: false, title: "Already being worked on" },
	idempotency_mismatch: { status: 409, retryable: false, title: "Idempotency key used for something else" },
	invalid_transition: { status: 409, retryable: false, title: "Not possible in this status" },
	too_many_active: { status: 429, retryable: true, title: "Too many jobs in progress" },
	store_unavailable: { status: 503, retryable: true, title: "Storage is unavailable" },
	stopped: { status: 503, retryable: true, title: "Shutting down" },
	internal: { status: 500, retryable: true, title: "Something went wrong" },
	// What a job can fail with. These reach a maker in a job's `error`, seldom as an HTTP answer.
	moderated: { status: 422, retryable: false, title: "Refused by the model's safety rules" },
	throttled: { status: 429, retryable: true, title: "The model is busy" },
	outage: { status: 502, retryable: true, title: "The model cannot be reached" },
	ambiguous: { status: 502, retryable: true, title: "The model's answer cannot be used" },
	misconfigured: { status: 500, retryable: false, title: "Wrong configuration" },
	timed_out: { status: 504, retryable: true, title: "Not done in time" },
	cancelled: { status: 409, retryable: true, title: "Cancelled" },
	cleared: { status: 409, retryable: true, title: "Cleared" },
	worker_lost: { status: 500, retryable: true, title: "Interrupted too often" },
	lease_lost: { status: 409, retryable: true, title: "Lease lost" },
	invalid_output: { status: 500, retryable: true, title: "The job returned something unexpected" },
	bytes_in_row: { status: 500, retryable: false, title: "Bytes do not belong in a step's result" },
	failed: { status: 500, retryable: true, title: "The generation failed" },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof errorRules;

export interface DarkroomErrorOptions {
	/** What failed, which value, and what to do: a sentence that may be shown to the person asking. */
	readonly detail: string;
	/** Facts that a program may act on, such as `{ needed, available }`; copied into the HTTP answer. */
	readonly data?: Readonly<Record<string, unknown>>;
	/** Default: the table's. */
	readonly retryable?: boolean;
	/** How long to wait before the same request, in ms. */
	readonly retryAfterMs?: number;
	readonly cause?: unknown;
}

/** The one error class of the library: whatever is thrown on purpose is one of these. */
export class DarkroomError extends Error {
	override readonly name = "DarkroomError";
	readonly code: ErrorCode;
	readonly status: number;
	readonly title: string;
	readonly detail: string;
	readonly retryable: boolean;
	readonly retryAfterMs: number | undefined;
	readonly data: Readonly<Record<string, unknown>>;

	constructor(code: ErrorCode, options: DarkroomErrorOptions) {
		super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
		const rule: ErrorRule = errorRules[code];
		this.code = code;
		this.status = rule.status;
		this.title = rule.title;
		this.detail = options.detail;
		this.retryable = options.retryable ?? rule.retryable;
		this.retryAfterMs = options.retryAfterMs;
		this.data = options.data ?? {};
	}
}

/** Several copies of this module may be loaded (bundles, externals), so the name decides, not `instanceof`. */
export function isDarkroomError(error: unknown, code?: ErrorCode): error is DarkroomError {
	return (
		error instanceof Error &&
		error.name === "DarkroomError" &&
		(code === undefined || (error as DarkroomError).code === code)
	);
}

/**
 * A failure as it is kept in a job or step row: no stack, no cause, nothing of the input. Its message says what happened and
 * what to do; what was charged stands in the job's `charged`, which the failure of a step cannot know.
 */
export interface Failure {
	readonly code: ErrorCode;
	readonly message: string;
	readonly retryable: boolean;
	/** How long not to try again, in ms after it happened. */
	readonly retryAfterMs?: number;
}

/**
 * The storable form of whatever was thrown. The message of an error that is not ours may hold anything
 * (a URL with a key, a prompt), so only its kind is kept; the log has the rest.
 */
export function toFailure(error: unknown): Failure {
	if (isDarkroomError(error)) {
		const { code, detail: message, retryable, retryAfterMs } = error;
		return { code, message, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
	}
	return { code: "failed", message: "Something went wrong while generating. Try again.", retryable: true };
}

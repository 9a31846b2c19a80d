import { DarkroomError, type ErrorCode, isDarkroomError } from "../core/errors.ts";
import { readRetryAfter } from "./retry-after.ts";
import { readSigns, type Signs } from "./vendor-signs.ts";

/**
 * The failure taxonomy: whatever a model call threw becomes one error that says whether another try makes sense,
 * and in words for the person waiting. A vendor's own words may hold the prompt or a key, so they stay in `cause`.
 *
 * | code | when | retryable |
 * |---|---|---|
 * | `moderated` | the vendor's safety rules refused the prompt, the photo or the result | no |
 * | `invalid_input` | the vendor cannot take this input: too large, wrong format | no |
 * | `throttled` | too many requests; `retryAfterMs` when the vendor names it | yes |
 * | `outage` | it answered 5xx, did not answer, or cannot be reached | yes |
 * | `misconfigured` | the key, the model's name, the vendor's account or its quota | no |
 * | `ambiguous` | it answered what cannot be used: not JSON, no picture, empty, against the schema | yes |
 * | `failed` | anything else: a fault of the program | yes |
 */
export function classify(error: unknown): DarkroomError {
	if (isDarkroomError(error)) return error;
	const kind = byStatus(error) ?? byName(error) ?? (isNetworkFault(error) ? "outage" : "failed");
	return failureOf(kind, error, kind === "throttled" || kind === "outage" ? readRetryAfter(error) : undefined);
}

type FailureKind = Extract<
	ErrorCode,
	"moderated" | "invalid_input" | "throttled" | "outage" | "misconfigured" | "ambiguous" | "failed"
>;

const sentences: Record<FailureKind, string> = {
	moderated: "The model refused this for safety reasons. Change the words or the picture and try again.",
	invalid_input: "The model cannot work with this input. Try a smaller or different picture, or shorter words.",
	throttled: "The model has too much to do right now. Try again in a few minutes.",
	outage: "The model cannot be reached right now. Try again in a few minutes.",
	misconfigured:
		"The model refuses the app's account: its key, its quota or the model's name is wrong. The operator has to look at the model settings.",
	ambiguous: "The model answered something that cannot be used. Try again.",
	failed: "Something went wrong while generating. Try again.",
};

/** An error of the taxonomy with its sentence. */
export function failureOf(kind: FailureKind, cause: unknown, retryAfterMs?: number): DarkroomError {
	return new DarkroomError(kind, {
		detail: sentences[kind],
		cause,
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
	});
}

/** By the HTTP answer; what its body names goes before its status, for vendors choose statuses freely. */
function byStatus(error: unknown): FailureKind | undefined {
	if (nameOf(error) !== "AI_APICallError") return undefined;
	const signs = readSigns(error);
	return byWords(signs) ?? byNumber(signs, isNetworkFault(error));
}

const moderation = /moderat|content_?(policy|filter)|safety|prohibited|sensitive_word|invalid_prompt/i;
const account =
	/insufficient_quota|billing|api_key_invalid|invalid_api_key|model_not_found|account_deactivated|permission_denied/i;

function byWords({ words }: Signs): FailureKind | undefined {
	if (words.some((word) => account.test(word))) return "misconfigured";
	if (words.some((word) => moderation.test(word))) return "moderated";
	if (words.some((word) => /rate_?limit/i.test(word))) return "throttled";
	if (words.some((word) => /^server_error$|overloaded/i.test(word))) return "outage";
	return undefined;
}

function byNumber({ status }: Signs, isNetwork: boolean): FailureKind {
	if (status === undefined || isNetwork) return "outage";
	if (status === 429) return "throttled";
	if (status >= 500 || status === 408 || status === 409 || status === 425 || status === 499) return "outage";
	if (status === 401 || status === 402 || status === 403 || status === 404) return "misconfigured";
	if (status >= 400) return "invalid_input";
	return "ambiguous";
}

/** Errors of the AI SDK by their names: several copies of it may be loaded, so classes cannot be compared. */
const names: Readonly<Record<string, FailureKind>> = {
	AI_NoObjectGeneratedError: "ambiguous",
	AI_NoOutputGeneratedError: "ambiguous",
	AI_NoImageGeneratedError: "ambiguous",
	AI_NoContentGeneratedError: "ambiguous",
	AI_EmptyResponseBodyError: "ambiguous",
	AI_InvalidResponseDataError: "ambiguous",
	AI_InvalidStreamPartError: "ambiguous",
	AI_JSONParseError: "ambiguous",
	AI_TypeValidationError: "ambiguous",
	AI_LoadAPIKeyError: "misconfigured",
	AI_LoadSettingError: "misconfigured",
	AI_NoSuchModelError: "misconfigured",
	AI_NoSuchProviderError: "misconfigured",
	AI_UnsupportedModelVersionError: "misconfigured",
	AI_UnsupportedFunctionalityError: "misconfigured",
	AI_InvalidPromptError: "invalid_input",
	AI_InvalidArgumentError: "invalid_input",
	AI_InvalidDataContentError: "invalid_input",
	AI_MessageConversionError: "invalid_input",
	AI_DownloadError: "invalid_input",
	TimeoutError: "outage",
	AbortError: "outage",
};

function byName(error: unknown): FailureKind | undefined {
	const name = nameOf(error);
	if (name === "AI_RetryError") return classify((error as { lastError?: unknown }).lastError).code as FailureKind;
	if (name === "AI_NoObjectGeneratedError" && (error as { finishReason?: unknown }).finishReason === "content-filter") {
		return "moderated";
	}
	return name === undefined ? undefined : names[name];
}

const networkCode = /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EPIPE|ETIMEDOUT|UND_ERR_\w+)$/;

/** Whether a connection's fault is anywhere in the chain of causes. */
function isNetworkFault(error: unknown): boolean {
	for (let link = error, depth = 0; link instanceof Error && depth < 10; link = link.cause, depth++) {
		const { code } = link as { code?: unknown };
		if (typeof code === "string" && networkCode.test(code)) return true;
		if (link instanceof TypeError && /^(fetch failed|terminated|failed to fetch)$/i.test(link.message)) return true;
	}
	return false;
}

function nameOf(error: unknown): string | undefined {
	return error instanceof Error ? error.name : undefined;
}

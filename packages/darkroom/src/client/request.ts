import { fromAnswer, fromNetworkFailure, ProblemError } from "./problem-error.ts";

export interface RequestOptions {
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: BodyInit;
	readonly signal?: AbortSignal;
}

/**
 * Asks the server. The answer is a success, or 304.
 * @throws ProblemError, or the reason of the abort
 */
export type Request = (method: string, path: string, options?: RequestOptions) => Promise<Response>;

export interface RequestSettings {
	readonly baseUrl: string;
	readonly fetch: typeof fetch;
	readonly credentials: RequestCredentials;
}

export function createRequest(settings: RequestSettings): Request {
	return async (method, path, options = {}) => {
		let response: Response;
		try {
			response = await settings.fetch(settings.baseUrl + path, {
				method,
				credentials: settings.credentials,
				// Freshness is decided by versions and ETags here; a copy from the browser's cache would only be older.
				cache: "no-store",
				...options,
			});
		} catch (error) {
			// Whatever it was that broke off then, this is why.
			options.signal?.throwIfAborted();
			throw fromNetworkFailure(error);
		}
		if (response.ok || response.status === 304) return response;
		throw fromAnswer(response.status, await readText(response), response.headers.get("retry-after"));
	};
}

/** @throws ProblemError `bad_answer` when it is not JSON, `offline` when it broke off */
export async function readJson<Answer>(response: Response): Promise<Answer> {
	const text = await readText(response);
	try {
		return JSON.parse(text) as Answer;
	} catch (cause) {
		throw new ProblemError("bad_answer", {
			status: response.status,
			title: "Unexpected answer",
			detail: "The server's answer cannot be read. Try again in a moment.",
			retryable: true,
			cause,
		});
	}
}

async function readText(response: Response): Promise<string> {
	try {
		return await response.text();
	} catch (error) {
		throw fromNetworkFailure(error);
	}
}

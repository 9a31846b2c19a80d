/** What a vendor's refusal says in its machine-readable parts; its prose is not read, for it may quote anything. */
export interface Signs {
	readonly status: number | undefined;
	/** Codes, types, statuses and reasons, as the vendor spells them. */
	readonly words: readonly string[];
	/** Google's `RetryInfo`, ms. */
	readonly retryDelayMs: number | undefined;
}

interface ApiCallError {
	readonly statusCode?: number;
	readonly data?: unknown;
	readonly responseBody?: unknown;
}

/** Reads an `APICallError` of the AI SDK: `{ error: { code, type, status, details: [{ reason, retryDelay }] } }`. */
export function readSigns(error: unknown): Signs {
	const call = error as ApiCallError;
	const words: string[] = [];
	let retryDelayMs: number | undefined;
	for (const body of [call.data, parsed(call.responseBody)]) {
		const fault = record(record(body)?.error);
		for (const key of ["code", "type", "status"]) if (typeof fault?.[key] === "string") words.push(fault[key]);
		for (const detail of Array.isArray(fault?.details) ? fault.details : []) {
			const facts = record(detail);
			if (typeof facts?.reason === "string") words.push(facts.reason);
			const delay = /^(\d+(?:\.\d+)?)s$/.exec(String(facts?.retryDelay ?? ""));
			if (delay) retryDelayMs = Math.ceil(Number(delay[1]) * 1_000);
		}
	}
	return { status: call.statusCode, words, retryDelayMs };
}

function parsed(body: unknown): unknown {
	if (typeof body !== "string") return body;
	try {
		return JSON.parse(body);
	} catch {
		// A body that is not JSON has no machine-readable parts; the caller still has it, as the error's cause.
		return undefined;
	}
}

function record(value: unknown): Record<string, unknown> | undefined {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

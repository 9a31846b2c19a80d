import { readSigns } from "./vendor-signs.ts";

/** The longest wait that a vendor may ask for: above it our own backoff knows better. */
const longestMs = 10 * 60_000;

/**
 * How long the vendor asks to wait, in ms, at most ten minutes: `retry-after-ms`, `Retry-After` in seconds or as a
 * date, or Google's `RetryInfo`. Undefined when it asks nothing, or nonsense.
 */
export function readRetryAfter(error: unknown, nowMs: number = Date.now()): number | undefined {
	const headers = (error as { responseHeaders?: Record<string, string> } | null | undefined)?.responseHeaders ?? {};
	const precise = Number.parseFloat(headers["retry-after-ms"] ?? "");
	if (precise >= 0) return Math.min(longestMs, Math.ceil(precise));
	const given = headers["retry-after"]?.trim() ?? "";
	if (/^\d+(\.\d+)?$/.test(given)) return Math.min(longestMs, Math.ceil(Number(given) * 1_000));
	const date = given ? Date.parse(given) : Number.NaN;
	if (!Number.isNaN(date)) return Math.min(longestMs, Math.max(0, date - nowMs));
	const delay = readSigns(error ?? {}).retryDelayMs;
	return delay === undefined ? undefined : Math.min(longestMs, delay);
}

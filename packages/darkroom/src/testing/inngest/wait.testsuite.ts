const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A wait as Inngest writes it (`1h30m`), or the time until a date (`sleepUntil`), in ms from now on; 0 when it is past.
 * @throws {Error} when it is neither.
 */
export function waitMs(text: string, nowMs: number): number {
	if (/^(\d+(ms|[smhdw]))*$/.test(text)) {
		const parts = [...text.matchAll(/(\d+)(ms|[smhdw])/g)];
		return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit as string] ?? 0), 0);
	}
	const atMs = Date.parse(text);
	if (Number.isNaN(atMs)) throw new Error(`"${text}" is neither a wait nor a date.`);
	return Math.max(0, atMs - nowMs);
}

/** What `retry-after` asks for: seconds, or a date. Undefined when there is none. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
	if (!header) return undefined;
	return /^\d+$/.test(header) ? Number(header) * 1_000 : waitMs(header, nowMs);
}

const backoffTableMs = [15, 30, 60, 120, 300, 600, 1_200, 2_400, 3_600, 7_200].map((seconds) => seconds * 1_000);

/** The real server's wait before the next attempt, without the up to 30 s that it adds by chance. `attempt` counts from 0. */
export function defaultBackoffMs(attempt: number): number {
	return backoffTableMs[Math.min(attempt, backoffTableMs.length - 1)] as number;
}

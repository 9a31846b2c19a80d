import { afterEach, beforeEach, vi } from "vitest";

/**
 * The SDK tries each send, and each checkpoint, five times, with waits of the machine's own time in between: some seconds. To be
 * called in a file or a `describe` where hundreds of them fail: its waits take no time there. All others are as they were.
 */
export function skipSdkWaits(): void {
	const wait = globalThis.setTimeout;
	beforeEach(() => {
		const shortened = (callback: () => void, ms?: number, ...given: []) =>
			wait(callback, isSdkBackoff(ms) ? 0 : ms, ...given);
		vi.stubGlobal("setTimeout", shortened);
	});
	afterEach(() => {
		vi.unstubAllGlobals();
	});
}

/** `retryWithBackoff` of the SDK waits 100 ms, 200 ms and so on, each with a fraction of 100 ms by chance. */
function isSdkBackoff(ms = 0): boolean {
	return ms > 100 && ms < 1_700 && !Number.isInteger(ms);
}

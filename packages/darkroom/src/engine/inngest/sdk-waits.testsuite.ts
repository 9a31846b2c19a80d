import { afterEach, beforeEach, vi } from "vitest";

const wait = globalThis.setTimeout;

/**
 * The SDK tries each send, and each checkpoint, five times, with waits of the machine's own time in between: some seconds. To be
 * called in a file or a `describe` where hundreds of them fail: its waits take no time there. All others are as they were.
 */
export function skipSdkWaits(): void {
	beforeEach(() => setSdkWaits((over) => void setImmediate(over)));
	afterEach(() => {
		vi.unstubAllGlobals();
	});
}

/** Says how long the SDK waits from now on, until the test is over: only within `skipSdkWaits`. */
export function setSdkWaits(until: (over: () => void) => void): void {
	vi.stubGlobal("setTimeout", (callback: () => void, ms?: number, ...given: []) =>
		isSdkBackoff(ms) ? until(callback) : wait(callback, ms, ...given),
	);
}

/** `retryWithBackoff` of the SDK waits 100 ms, 200 ms and so on, each with a fraction of 100 ms by chance. */
function isSdkBackoff(ms = 0): boolean {
	return ms > 100 && ms < 1_700 && !Number.isInteger(ms);
}

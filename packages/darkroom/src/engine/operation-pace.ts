import { type Backoff, exponential } from "../core/backoff.ts";

const defaultEvery = exponential("2s", { max: "15s" });
/** A backoff of nothing would leave the process no time for anything else. */
const leastWaitMs = 1;
/** Looks that are counted out, at most, to tell how far the waits have grown. */
const mostCounted = 1_000;
/** Looks of a run in a host's hands after which its waits are twice as long. */
const hostedPerDoubling = 50;

/** How long to wait before the first look, in ms. */
export function firstWait(every: Backoff | undefined, random: number): number {
	return waitBefore(every, 1, random);
}

/** How long to wait after a look at an operation that has gone on for so long, in ms. */
export function waitAfter(every: Backoff | undefined, elapsedMs: number, random: number): number {
	return waitBefore(every, nextLook(every, elapsedMs), random);
}

/**
 * The same wait in a host's hands, by how many looks it has carried out: a run of Inngest may have 1,000 steps, and each
 * look takes one, or two with the sleep before it.
 */
export function stretch(waitMs: number, hostedLooks: number): number {
	return waitMs * 2 ** Math.floor(hostedLooks / hostedPerDoubling);
}

function waitBefore(every: Backoff = defaultEvery, look: number, random: number): number {
	const waitMs = every(look, random);
	// What is no wait at all would have the provider asked without a pause.
	return Number.isFinite(waitMs) && waitMs >= 0 ? Math.max(leastWaitMs, waitMs) : defaultEvery(look, random);
}

/** The number of the look to come, by how long it has gone on: so nobody has to keep count through crashes and long waits. */
function nextLook(every: Backoff | undefined, elapsedMs: number): number {
	let look = 1;
	for (let untilMs = 0; look < mostCounted; look++) {
		untilMs += waitBefore(every, look, 0);
		if (untilMs > elapsedMs) break;
	}
	return look;
}

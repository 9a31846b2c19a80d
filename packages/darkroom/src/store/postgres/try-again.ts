/** Between two tries at what was locked, in ms, and how many there are before the next sweep has to. */
const againMs = 2;
const mostTries = 20;

/**
 * Waits where everything that was asked for is in someone else's hands: in a moment it is free. False, at once, where it was
 * tried often enough.
 * @param tries made so far, from 1
 */
export async function mayTryAgain(tries: number): Promise<boolean> {
	if (tries >= mostTries) return false;
	await new Promise((resolve) => setTimeout(resolve, againMs));
	return true;
}

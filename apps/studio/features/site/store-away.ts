/**
 * Marks the errors of pages that could not be rendered because the database is away. Of an error on the server, Next
 * tells the browser its `digest` and nothing else.
 */
export const storeAwayDigest = "store_unavailable";

/** Whether this is what the server marked. */
export function isStoreAway(error: unknown): boolean {
	return error instanceof Error && "digest" in error && error.digest === storeAwayDigest;
}

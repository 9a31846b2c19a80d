import type { JobSnapshot } from "../core/job.ts";

/** Whether `If-None-Match` names this tag, by weak comparison (RFC 9110, 13.1.2): then the answer is 304. */
export function noneMatchNames(ifNoneMatch: string | null, etag: string): boolean {
	if (ifNoneMatch === null) return false;
	if (ifNoneMatch.trim() === "*") return true;
	const tags: readonly string[] = ifNoneMatch.match(/"[^"]*"/g) ?? [];
	return tags.includes(etag.replace(/^W\//, ""));
}

/**
 * The tag of a job's snapshot: its version, and its place in the queue, which other jobs change without this
 * one's version growing and which nobody can know without asking.
 *
 * `etaMs` is left out: it falls with time alone, so whoever holds the last answer can count it down, and with it in
 * the tag no poll of an active job would ever be a 304. That difference is why the tag is weak.
 */
export function jobEtag(job: JobSnapshot): string {
	return `W/"${job.version}${job.queuePosition === undefined ? "" : `-${job.queuePosition}`}"`;
}

/** An asset's bytes never change under their id, so the id and the width are the whole tag. */
export function assetEtag(assetId: string, width: number | undefined): string {
	return `"${assetId}${width === undefined ? "" : `-${width}`}"`;
}

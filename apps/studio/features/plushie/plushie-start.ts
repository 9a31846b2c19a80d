/** What the form holds when it opens: nothing, or what an earlier plushie was made from. */
export interface PlushieStart {
	/** The earlier one's job. */
	readonly from: string;
	/** Its photo's asset; null when that is gone. */
	readonly photo: string | null;
	readonly notes: string;
}

/** The form, filled in with what this job was given. */
export function againPath(jobId: string): string {
	return `/plushies?from=${encodeURIComponent(jobId)}`;
}

import { isDarkroomError } from "../core/errors.ts";
import type { JobRun } from "./job-run.ts";

/** A promise for code that must not go on: the attempt it belongs to has ended, and nobody waits for it. */
export function never<Result>(): Promise<Result> {
	return new Promise(() => {});
}

/** A lost lease ends the attempt. True when it did. */
export function endsForLostLease(run: JobRun, error: unknown): boolean {
	if (!isDarkroomError(error, "lease_lost")) return false;
	run.interrupt({ type: "aborted", reason: error });
	return true;
}

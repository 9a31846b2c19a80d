import { wholeCredits } from "../../credits/settlement.ts";
import { leaseLost } from "../refusals.ts";
import type { Completion, JobFailure, Lease } from "../store.ts";
import { type Woken, wokenChange } from "./answer.ts";
import type { Ask } from "./ask.ts";

/** What `end_jobs` says of each job that it ended. */
export type Ended = readonly [ord: number, change: number, kind: string, leaseToken: string | null];

export interface Endings {
	readonly ended: readonly Ended[] | null;
	readonly woken: readonly Woken[];
}

/** A worker's own endings: status, settlement and the owner's next place in one statement, fenced. */
export const endings = {
	complete: ({ output, due, now, ...lease }: Completion): Ask<void> =>
		end(lease, "completed", { output, error: null, due: credits(due), at: now }),
	fail: ({ error, due, now, ...lease }: JobFailure): Ask<void> =>
		end(lease, "failed", { output: null, error: JSON.stringify(error), due: credits(due), at: now }),
};

/** As a bigint can hold it. */
export function credits(due: number): number {
	return wholeCredits(due, Number.MAX_SAFE_INTEGER);
}

interface Result {
	readonly output: string | null;
	readonly error: string | null;
	readonly due: number;
	readonly at: number;
}

function end(lease: Lease, status: "completed" | "failed", result: Result): Ask<void> {
	const { owner, kind, jobId, leaseToken } = lease;
	return {
		sort: "endings",
		owners: [owner],
		key: `end ${jobId}`,
		lease,
		asOwner: (other) => end({ ...lease, owner: other }, status, result),
		rows: [{ ord: 0, owner, id: jobId, token: leaseToken, status, ...result }],
		read: (answer, ord, note) => {
			const ended = answer.find(ord, (value) => (value as Endings | null)?.ended);
			if (!ended) throw leaseLost(jobId);
			note({ owner, jobId, change: ended[1], kind, status, hasEnded: true });
			// Told once, with the first of the turn.
			for (const woken of answer.takeOnce((value) => (value as Endings).woken)) note(wokenChange(woken));
		},
	};
}

import type { JobWithSteps } from "../../core/job.ts";
import type { JobStatus } from "../../core/status.ts";
import { cancelledFailure, cannotDelete, cannotRetry, clearedFailure, noJob, nothingToClear } from "../refusals.ts";
import { fromRow, type JobRowWithSteps } from "../rows.ts";
import type { Change, OwnersRequest, Submission } from "../store.ts";
import { type Cleared, wokenChange } from "./answer.ts";
import type { Call } from "./database.ts";
import { credits, type Endings } from "./endings.ts";
import { type Refused, toError } from "./refused.ts";

interface Found {
	readonly code?: undefined;
	readonly job: JobRowWithSteps;
}

interface NotInThisStatus {
	readonly code: "invalid_transition";
	readonly status: JobStatus;
}

/** What an owner may do with a job of theirs; to anyone else it does not exist. Each is a transaction of its own. */
export function createOwnersRequests(call: Call) {
	return {
		cancel({ viewer, jobId, now, due = 0 }: OwnersRequest & { readonly due?: number }): Promise<JobWithSteps> {
			const given = credits(due);
			const failure = JSON.stringify(cancelledFailure(given));
			return call("cancel_job", [viewer, jobId, failure, given, now], (answer, note) => {
				if (answer === null) throw noJob(jobId);
				const { job, token, result } = answer as Found & { token: string | null; result: Endings | null };
				const [ended] = result?.ended ?? [];
				if (ended) note(endedChange(job, "cancelled", token));
				for (const woken of result?.woken ?? []) note(wokenChange(woken));
				return fromRow(job);
			});
		},
		clear({ viewer, subject, now }: { viewer: string; subject: string; now: number }): Promise<JobWithSteps> {
			const failure = JSON.stringify(clearedFailure);
			return call("clear_subject", [viewer, subject, failure, now], (answer, note) => {
				if (answer === null) throw nothingToClear();
				const { job, cleared } = answer as Found & { cleared: Cleared };
				note(endedChange(job, "failed", cleared.token));
				for (const woken of cleared.woken) note(wokenChange(woken));
				return fromRow(job);
			});
		},
		retry(request: OwnersRequest & Pick<Submission, "activePerOwner">): Promise<JobWithSteps> {
			const { viewer, jobId, now, activePerOwner } = request;
			return call("retry_job", [viewer, jobId, activePerOwner, now], (answer, note) => {
				if (answer === null) throw noJob(jobId);
				const given = answer as Found | NotInThisStatus | Refused;
				if (given.code === "invalid_transition") throw cannotRetry(given.status);
				if (given.code !== undefined) throw toError(given);
				const { change, kind, waits_for: waitsFor } = given.job;
				note({ owner: viewer, jobId, change, kind, status: "queued", claimable: waitsFor === "worker" });
				return fromRow(given.job);
			});
		},
		remove({ viewer, jobId }: OwnersRequest): Promise<JobWithSteps> {
			return call("delete_job", [viewer, jobId], (answer, note) => {
				if (answer === null) throw noJob(jobId);
				const given = answer as (Found & { change: number }) | NotInThisStatus;
				if (given.code !== undefined) throw cannotDelete(given.status);
				const { kind, status } = given.job;
				note({ owner: viewer, jobId, change: given.change, kind, status });
				return fromRow(given.job);
			});
		},
	};
}

function endedChange(job: JobRowWithSteps, status: JobStatus, revokedLeaseToken: string | null): Change {
	const { owner, id: jobId, change, kind } = job;
	return { owner, jobId, change, kind, status, hasEnded: true, revokedLeaseToken };
}

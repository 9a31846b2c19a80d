import { DarkroomError, type Failure } from "../core/errors.ts";
import type { JobStatus } from "../core/status.ts";

/** What every store says when it says no, and what it writes into jobs that it ends: the same words whichever it is. */

export function noJob(jobId: string): DarkroomError {
	return new DarkroomError("not_found", { detail: `There is no job ${jobId}.` });
}

export function noAsset(assetId: string): DarkroomError {
	return new DarkroomError("not_found", { detail: `There is no asset ${assetId}. Upload the picture again.` });
}

export function nothingToClear(): DarkroomError {
	return new DarkroomError("not_found", { detail: "Nothing is in progress for this any more. Start it again." });
}

export function leaseLost(jobId: string): DarkroomError {
	return new DarkroomError("lease_lost", {
		detail: `Job ${jobId} is no longer this worker's: its lease ran out, or it was cancelled.`,
	});
}

export function storeClosed(): DarkroomError {
	return new DarkroomError("stopped", { detail: "The store is closed." });
}

export function mismatch(jobId: string): DarkroomError {
	return new DarkroomError("idempotency_mismatch", {
		detail: "This idempotency key was used for another request. Use a new key for a new request.",
		data: { jobId },
	});
}

/** The active job of a subject that another wants. */
export interface InTheWay {
	readonly jobId: string;
	readonly jobStatus: JobStatus;
	readonly ageMs: number;
}

export function conflict(kind: string, data: InTheWay): DarkroomError {
	const seconds = Math.round(data.ageMs / 1_000);
	return new DarkroomError("conflict", {
		detail: `A ${kind} job is already ${data.jobStatus} for this, for ${seconds} seconds. Wait for it, or clear it.`,
		data: { ...data },
	});
}

export function tooManyActive(limit: number, active: number): DarkroomError {
	return new DarkroomError("too_many_active", {
		detail: `You have ${active} ${active === 1 ? "generation" : "generations"} in progress. Please wait for one to complete.`,
		data: { limit, active },
	});
}

export function insufficient(needed: number, available: number): DarkroomError {
	return new DarkroomError("insufficient_credits", {
		detail: `This needs ${needed} ${needed === 1 ? "credit" : "credits"} and ${available} ${available === 1 ? "is" : "are"} available.`,
		data: { needed, available },
	});
}

export function cannotRetry(status: JobStatus): DarkroomError {
	return new DarkroomError("invalid_transition", {
		detail: `This job is ${status}; only a failed or cancelled one can be tried again.`,
		data: { jobStatus: status },
	});
}

export function cannotDelete(status: JobStatus): DarkroomError {
	return new DarkroomError("invalid_transition", {
		detail: `This job is ${status}. Cancel it before you delete it.`,
		data: { jobStatus: status },
	});
}

export const clearedFailure: Failure = {
	code: "cleared",
	message: "Cleared: it was stuck, so that a new one could be started.",
	retryable: true,
};

export function cancelledFailure(due: number): Failure {
	const charge = due > 0 ? "Only what was finished by then was charged." : "Nothing was charged.";
	return { code: "cancelled", message: `Cancelled. ${charge}`, retryable: true };
}

/**
 * Messages of what a sweep ends. They blame neither the job nor its model: past a deadline it may be that nobody could work on
 * it. `{duration}` and `{attempts}` stand for what the job's row says. */
export const sweptWords = {
	waited: "It waited {duration} and nobody came to work on it.",
	ran: "It was not done within {duration} and was stopped.",
	lost: "It was interrupted {attempts} times and was stopped.",
} as const;

/** @param limitMs what it had for that, in ms */
export function timedOutFailure(hasOnlyWaited: boolean, limitMs: number): Failure {
	const words = hasOnlyWaited ? sweptWords.waited : sweptWords.ran;
	const duration =
		limitMs < 90_000 ? `${Math.round(limitMs / 1_000)} seconds` : `${Math.round(limitMs / 60_000)} minutes`;
	return { code: "timed_out", message: words.replace("{duration}", duration), retryable: true };
}

export function workerLostFailure(attempts: number): Failure {
	const message = sweptWords.lost.replace("{attempts}", String(attempts));
	return { code: "worker_lost", message, retryable: true };
}

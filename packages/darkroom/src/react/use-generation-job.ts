"use client";
import { useMemo, useSyncExternalStore } from "react";
import type { JobOf } from "../client/job-of.ts";
import type { JobState } from "../client/job-watch.ts";
import { ProblemError } from "../client/problem-error.ts";
import type { AnyJobDefinition, JobDefinition } from "../engine/define-job.ts";
import { isActive } from "../http/protocol.ts";
import { useDarkroomClient } from "./client-context.ts";

export interface GenerationJob<Definition extends AnyJobDefinition> extends JobState<Definition> {
	/** Queued or running. */
	readonly isActive: boolean;
	readonly isCompleted: boolean;
	/** Failed; why stands in `job.error`. A cancelled job is neither failed nor completed. */
	readonly isFailed: boolean;
	/** Begins to watch again after `isStale`. */
	readonly lookAgain: () => void;
	/** Asks the server anew. Never rejects. */
	readonly refetch: () => Promise<void>;
	/** @throws ProblemError `not_found` */
	readonly cancel: () => Promise<JobOf<Definition>>;
	/** A failed or cancelled job again. @throws ProblemError as a submit, `invalid_transition` */
	readonly retry: () => Promise<JobOf<Definition>>;
}

/**
 * Follows one job until it is final, and beyond, should it be retried. Null follows nothing.
 *
 *     const { job, isActive, retry, cancel } = useGenerationJob<typeof plushie>(jobId);
 */
export function useGenerationJob<Definition extends AnyJobDefinition = JobDefinition>(
	jobId: string | null,
): GenerationJob<Definition> {
	const client = useDarkroomClient();
	const watch = useMemo(() => client.watchJob<Definition>(jobId), [client, jobId]);
	const state = useSyncExternalStore(watch.subscribe, watch.getSnapshot, watch.getServerSnapshot);
	const acts = useMemo(
		() => ({
			lookAgain: watch.lookAgain,
			refetch: watch.refetch,
			cancel: async () => client.cancelJob<Definition>(requireId(jobId)),
			retry: async () => client.retryJob<Definition>(requireId(jobId)),
		}),
		[client, watch, jobId],
	);
	return useMemo(() => {
		const status = state.job?.status;
		return {
			...state,
			...acts,
			isActive: status !== undefined && isActive(status),
			isCompleted: status === "completed",
			isFailed: status === "failed",
		};
	}, [state, acts]);
}

function requireId(jobId: string | null): string {
	if (jobId !== null) return jobId;
	throw new ProblemError("not_found", {
		status: 404,
		title: "Not found",
		detail: "There is no job yet.",
		retryable: false,
	});
}

"use client";
import { useMemo, useSyncExternalStore } from "react";
import type { TypedFilter } from "../client/client.ts";
import type { JobListState } from "../client/job-list-watch.ts";
import type { AnyJobDefinition, JobDefinition } from "../engine/define-job.ts";
import type { JobStatus } from "../http/protocol.ts";
import { useDarkroomClient } from "./client-context.ts";

export interface GenerationJobs<Definition extends AnyJobDefinition> extends JobListState<Definition> {
	/** Adds the next older page. Does nothing while one is loading or when there is none. Never rejects. */
	readonly loadMore: () => Promise<void>;
	/** Asks the server for the newest page anew. Never rejects. */
	readonly refetch: () => Promise<void>;
	/** Begins to watch again after `isStale`. */
	readonly lookAgain: () => void;
}

/**
 * Follows the viewer's jobs of a filter, newest first: new ones appear, changed ones change in their place. The
 * filter may be written inline; it counts as another only when its content is.
 *
 *     const { jobs, hasMore, loadMore } = useGenerationJobs<typeof plushie>({ kind: "generate-plushie" });
 */
export function useGenerationJobs<Definition extends AnyJobDefinition = JobDefinition>(
	filter: TypedFilter<Definition> = {},
): GenerationJobs<Definition> {
	const client = useDarkroomClient();
	const { kind, subject, limit } = filter;
	// As text, which stays the same from render to render where a list would not.
	const statuses = filter.status === undefined ? "" : String(filter.status);
	const watch = useMemo(() => {
		const status = statuses === "" ? undefined : (statuses.split(",") as readonly JobStatus[]);
		return client.watchJobs<Definition>({ kind, subject, limit, status });
	}, [client, kind, subject, limit, statuses]);
	const state = useSyncExternalStore(watch.subscribe, watch.getSnapshot, watch.getServerSnapshot);
	return useMemo(() => {
		const { loadMore, refetch, lookAgain } = watch;
		return { ...state, loadMore, refetch, lookAgain };
	}, [state, watch]);
}

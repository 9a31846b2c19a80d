"use client";
import { useMemo, useSyncExternalStore } from "react";
import type { KindOf } from "../client/job-of.ts";
import type { Submit, SubmitState } from "../client/submitter.ts";
import type { AnyJobDefinition, JobDefinition } from "../engine/define-job.ts";
import { useDarkroomClient } from "./client-context.ts";

export interface UseSubmit<Definition extends AnyJobDefinition> extends SubmitState {
	/**
	 * Resolves with the accepted job, which every list on the page shows from then on. A double click is one submit.
	 * @throws ProblemError; the same is in `error`
	 */
	readonly submit: Submit<Definition>;
	/** Forgets the error. */
	readonly reset: () => void;
}

/**
 * Starts jobs of one kind.
 *
 *     const { submit, isSubmitting, error } = useSubmit<typeof plushie>("generate-plushie");
 */
export function useSubmit<Definition extends AnyJobDefinition = JobDefinition>(
	kind: KindOf<Definition>,
): UseSubmit<Definition> {
	const client = useDarkroomClient();
	const submitter = useMemo(() => client.createSubmitter<Definition>(kind), [client, kind]);
	const state = useSyncExternalStore(submitter.subscribe, submitter.getSnapshot, submitter.getServerSnapshot);
	return useMemo(() => {
		const { submit, reset } = submitter;
		return { ...state, submit, reset };
	}, [state, submitter]);
}

"use client";
import { useMemo, useSyncExternalStore } from "react";
import type { CreditsState } from "../client/credits-watch.ts";
import { useDarkroomClient } from "./client-context.ts";

export interface Credits extends CreditsState {
	/** Asks the server anew. Never rejects. */
	readonly refetch: () => Promise<void>;
}

/**
 * The viewer's balance, shared by all components: read anew whenever a job on the page begins, is charged or ends.
 *
 *     const { available, held } = useCredits(); // "3 available (2 in use)"
 */
export function useCredits(): Credits {
	const { credits } = useDarkroomClient();
	const state = useSyncExternalStore(credits.subscribe, credits.getSnapshot, credits.getServerSnapshot);
	return useMemo(() => ({ ...state, refetch: credits.refetch }), [state, credits]);
}

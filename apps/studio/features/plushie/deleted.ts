"use client";

import { useSyncExternalStore } from "react";

/** Generations that were deleted in this browser since the page was loaded, in whichever tab: no list shows them again. */
let deleted: ReadonlySet<string> = new Set();
const none: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();
/** Other tabs are told at once: a job that is gone is no change of a job, so their streams say nothing of it. */
const tabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("plushie-deleted");

function add(jobId: string): void {
	deleted = new Set(deleted).add(jobId);
	for (const listener of [...listeners]) listener();
}

tabs?.addEventListener("message", ({ data }) => add(String(data)));

export function announceDeleted(jobId: string): void {
	add(jobId);
	tabs?.postMessage(jobId);
}

/** Their ids. */
export function useDeleted(): ReadonlySet<string> {
	return useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => deleted,
		() => none,
	);
}

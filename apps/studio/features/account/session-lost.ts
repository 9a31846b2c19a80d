"use client";

import { isProblemError } from "darkroom/client";
import { useSyncExternalStore } from "react";

/** Whether the server has said, since this page was loaded, that it does not know who is asking. */
let isLost = false;
const listeners = new Set<() => void>();

/** To be told of what a request came to. Signing in loads the page anew, so nothing has to be taken back. */
export function noticeLostSession(error: unknown): void {
	if (isLost || !isProblemError(error, "unauthenticated")) return;
	isLost = true;
	for (const listener of [...listeners]) listener();
}

/** True from the first request on that was refused because nobody is signed in any more. */
export function useSessionLost(): boolean {
	return useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => isLost,
		() => false,
	);
}

/** Signing in, and then on at this path. */
export function signInPath(next: string): string {
	return `/sign-in?next=${encodeURIComponent(next)}`;
}

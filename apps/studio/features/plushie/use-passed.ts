"use client";

import { useEffect, useState } from "react";

const tickMs = 1_000;

/** How long ago an estimate came, in ms; it comes anew with each version of a job. */
export function usePassed(version: number): number {
	const [passed, setPassed] = useState({ version, ms: 0 });
	useEffect(() => {
		const startedAt = Date.now();
		const timer = setInterval(() => setPassed({ version, ms: Date.now() - startedAt }), tickMs);
		return () => clearInterval(timer);
	}, [version]);
	// Until the first tick the state still counts for the version before.
	return passed.version === version ? passed.ms : 0;
}

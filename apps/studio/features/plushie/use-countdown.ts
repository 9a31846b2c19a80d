"use client";

import { useEffect, useState } from "react";

const tickMs = 1_000;

/** What is left of an estimate since it came; it comes anew with each version of a job. */
export function useCountdown(etaMs: number | undefined, version: number): number | undefined {
	const [passedMs, setPassedMs] = useState(0);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new version begins a new count, whatever its estimate
	useEffect(() => {
		const startedAt = Date.now();
		setPassedMs(0);
		const timer = setInterval(() => setPassedMs(Date.now() - startedAt), tickMs);
		return () => clearInterval(timer);
	}, [version]);
	return etaMs === undefined ? undefined : etaMs - passedMs;
}

"use client";

import { useGenerationJobs } from "darkroom/react";
import { createContext, type ReactNode, use } from "react";
import { type PlushieDefinition, plushieKind } from "./plushie-job";

const WhyFull = createContext<string | undefined>(undefined);

interface Props {
	/** Generations in progress at a time; null for no limit. */
	readonly limit: number | null;
	readonly children: ReactNode;
}

/** Counts what is in progress, once for all that is within and could begin another. */
export function ActiveLimit({ limit, children }: Props) {
	const { jobs } = useGenerationJobs<PlushieDefinition>({ kind: plushieKind, status: ["queued", "running"] });
	const isFull = limit !== null && jobs.length >= limit;
	const words = `You have ${jobs.length} generations in progress. Please wait for one to complete.`;
	return <WhyFull value={isFull ? words : undefined}>{children}</WhyFull>;
}

/** Why no further generation can begin now; undefined where one can, and outside of an `ActiveLimit`. */
export function useWhyFull(): string | undefined {
	return use(WhyFull);
}

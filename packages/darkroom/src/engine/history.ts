import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { type KindHistory, workOf } from "../core/progress.ts";
import type { Store } from "../store/store.ts";
import type { JobRun } from "./job-run.ts";

/** As many of the latest completed jobs of a kind speak for how long the next will take. */
const remembered = 32;
/** A median is taken anew after this long, not after each job: it is asked for with every snapshot. */
const medianHoldsMs = 500;

/** What finished jobs teach about their kind: the medians of the latest, from the store first, then as they end here. */
export interface History {
	of(kind: string): KindHistory | undefined;
	add(kind: string, durationMs: number, steps: number): void;
	/** Reads what the store knows of these kinds. */
	load(kinds: Iterable<string>): Promise<void>;
}

export function createHistory(store: Store, clock: Clock, logger: Logger): History {
	const samples = new Map<string, { durationMs: number; steps: number }[]>();
	const medians = new Map<string, KindHistory & { readonly until: number }>();

	return {
		of(kind) {
			const known = medians.get(kind);
			if (known && clock.now() < known.until) return known;
			const taken = samples.get(kind);
			if (!taken?.length) return undefined;
			const latest = {
				durationMs: median(taken.map((s) => s.durationMs)),
				steps: Math.round(median(taken.map((s) => s.steps))),
				until: clock.now() + medianHoldsMs,
			};
			medians.set(kind, latest);
			return latest;
		},
		add(kind, durationMs, steps) {
			const taken = samples.get(kind) ?? [];
			if (taken.length >= remembered) taken.shift();
			taken.push({ durationMs, steps });
			samples.set(kind, taken);
		},
		async load(kinds) {
			for (const kind of kinds) {
				try {
					samples.set(kind, (await store.listDurations(kind, remembered)).reverse());
				} catch (error) {
					logger.warn({ kind, err: error as Error }, "no history of this kind");
				}
			}
		},
	};
}

/** Of an even number of samples the mean of the middle two: the upper one alone would let one slow job of two decide. */
function median(numbers: number[]): number {
	const sorted = numbers.sort((a, b) => a - b);
	const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]] as [number, number];
	return (lower + upper) / 2;
}

/**
 * How long a job worked, in ms: its last attempt, and the steps that were complete before it. The time between a crash
 * and the next claim, or between a failure and its retry, says nothing about its kind.
 */
export function workedMs({ job, steps, claimedAt }: JobRun, now: number): number {
	// What sleeps is claimed again under the same attempt, and its sleep is part of how long it takes.
	const from = job.attempt > 1 ? claimedAt : (job.startedAt ?? claimedAt);
	const before = steps.filter((step) => step.status === "completed" && (step.finishedAt ?? now) <= from);
	return Math.max(0, now - from) + workOf(before);
}

import { median } from "./figures.ts";

/** Jobs of a round. */
export const jobs = 10_000;
/** Rounds before it counts: the compiler is at work until about the second has passed, and a server's plans settle. */
export const warmUpRounds = 3;
/** Rounds that count, of which the median is the figure. */
export const rounds = 5;

/** Jobs at a time in a process: as many as the owners may have active, so that none waits for a place. */
export const concurrency = 1_000;

/** What rounds that took `elapsedMs` each come to, in jobs a second, and how far they lie apart. */
export function summarize(elapsedMs: readonly number[]): { readonly perSecond: number; readonly note: string } {
	const rates = elapsedMs.map((ms) => Math.round((jobs * 1_000) / ms));
	const [least, most] = [Math.min(...rates), Math.max(...rates)].map(inWords);
	const note = `median of ${elapsedMs.length} rounds of ${inWords(jobs)}, ${least} to ${most}, after ${warmUpRounds} to warm up; concurrency ${inWords(concurrency)}`;
	return { perSecond: median(rates), note };
}

function inWords(count: number): string {
	return count.toLocaleString("en-US");
}

import { DarkroomError } from "../../core/errors.ts";

/** Bits of a step's key that hold its place in its job; the rest hold the job's number. */
const placeBits = 20;
const lastPlace = 2 ** placeBits - 1;

/** SQL for a step's key, of a job's number and a place in it. Reckoned by SQLite, in 64 bits: 43 are left for the number. */
export function stepKey(seq: string, place: string): string {
	return `(${seq} << ${placeBits} | ${place})`;
}

/** SQL for "is a step of this job"; `seq` is the job's number, as a column or a parameter. */
export function isStepOf(seq: string): string {
	return `key BETWEEN ${stepKey(seq, "0")} AND ${stepKey(seq, `${lastPlace}`)}`;
}

/** SQL for a step's place in its job. */
export const placeColumn = `key & ${lastPlace} AS position`;

/** SQL for the number of a step's job. */
export const jobColumn = `key >> ${placeBits}`;

/** A place beyond these would be one of the next job's. @throws `misconfigured` */
export function requirePlace(place: number): void {
	if (place >= 0 && place <= lastPlace) return;
	throw new DarkroomError("misconfigured", {
		detail: `A job has at most ${lastPlace + 1} steps; this would be number ${place + 1}. Do several items in one step.`,
	});
}

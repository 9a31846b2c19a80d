import type { JobRow, JobRowWithSteps } from "../rows.ts";
import { isStepOf, placeColumn } from "./step-key.ts";

/** What this store's rows have beside what every store's have. */
interface Keyed {
	/** The number of the change that made it: the key of its row, and of all that belongs to it. */
	seq: number;
}

export type KeyedJob = JobRow & Keyed;
export type KeyedJobWithSteps = JobRowWithSteps & Keyed;

/**
 * A job's steps as one more column of its row, in JSON: one statement reads the whole of a job, at half the price of
 * two, and a page of jobs needs one instead of one for each.
 */
export const stepsColumn = `(SELECT json_group_array(json_array(name, position, status, attempts, output, error, preview, change,
  started_at, finished_at) ORDER BY position) FROM (SELECT *, ${placeColumn} FROM steps WHERE ${isStepOf("jobs.seq")})) AS steps`;

/** The same for who holds the row already; asks for its number. */
export const stepsOfJob = `SELECT *, ${placeColumn} FROM steps WHERE ${isStepOf("?1")} ORDER BY key`;

import { jobColumn, placeColumn } from "../store/sqlite/step-key.ts";

/** A table as it is copied: rows of SQLite, named as Postgres names its columns, in the order of a key that grows. */
export interface CopiedTable {
	readonly name: "assets" | "accounts" | "entries" | "steps" | "jobs";
	/** Its rows, with their key as `copy_key`. Columns that Postgres does not have are left. */
	readonly rows: string;
	readonly isKeyText: boolean;
	/** Where the rows are that count as this table's, in Postgres; all of them by default. */
	readonly among?: string;
}

/** Cursors that were given out before the copy are not ahead of anything after it. */
const lastChange = "(SELECT value FROM counters WHERE name = 'change')";

/** In the order in which they are copied. What makes a worker begin, an active job, comes last of all (target.ts). */
export const tables: readonly CopiedTable[] = [
	{ name: "assets", isKeyText: true, rows: "SELECT id AS copy_key, assets.* FROM assets" },
	{
		name: "accounts",
		isKeyText: true,
		// In Postgres whoever has a job has an account, if only as the lock of what is theirs.
		rows: `SELECT owner AS copy_key, owner, sum(posted) AS posted, sum(held) AS held, ${lastChange} AS change FROM (
		  SELECT owner, posted, held FROM accounts UNION ALL SELECT DISTINCT owner, 0, 0 FROM jobs
		) GROUP BY owner`,
	},
	{
		name: "entries",
		isKeyText: false,
		// A job that was deleted has left its entries behind.
		rows: `SELECT e.id AS copy_key, e.owner, type, e.posted, e.held, jobs.id AS job_id, key, e.created_at
		  FROM entries e LEFT JOIN jobs ON jobs.seq = e.job`,
	},
	{
		name: "steps",
		isKeyText: false,
		rows: `SELECT key AS copy_key, jobs.id AS job_id, name, ${placeColumn}, s.status, attempts, s.output, s.error, preview, s.change,
		  s.started_at, s.finished_at FROM steps s CROSS JOIN jobs ON jobs.seq = ${jobColumn}`,
	},
	{
		name: "jobs",
		isKeyText: false,
		rows: "SELECT seq AS copy_key, jobs.* FROM jobs WHERE finished_at IS NOT NULL",
		among: "finished_at IS NOT NULL",
	},
];

/** Queued and running ones. */
export const activeJobs: CopiedTable = {
	name: "jobs",
	isKeyText: false,
	rows: "SELECT seq AS copy_key, jobs.* FROM jobs WHERE finished_at IS NULL",
	among: "finished_at IS NULL",
};

/** What is an owner's, in sums. The same question for both databases, whose answers must be the same. */
export const balances = `SELECT owner, sum(posted) AS posted, sum(held) AS held, sum(entered_posted) AS "enteredPosted",
  sum(entered_held) AS "enteredHeld", sum(jobs) AS jobs, sum(jobs_held) AS "jobsHeld", sum(charged) AS charged FROM (
    SELECT owner, posted, held, 0 AS entered_posted, 0 AS entered_held, 0 AS jobs, 0 AS jobs_held, 0 AS charged FROM darkroom.accounts
    UNION ALL SELECT owner, 0, 0, posted, held, 0, 0, 0 FROM darkroom.entries
    UNION ALL SELECT owner, 0, 0, 0, 0, 1, held, charged FROM darkroom.jobs
  ) AS parts GROUP BY owner ORDER BY owner`;

/** An owner's row of `balances`. */
export interface OwnerSums {
	readonly owner: string;
	/** Of the account. */
	readonly posted: number;
	readonly held: number;
	/** Of the entries. */
	readonly enteredPosted: number;
	readonly enteredHeld: number;
	readonly jobs: number;
	readonly jobsHeld: number;
	readonly charged: number;
}

import type { Job, JobWithSteps, Step } from "../../core/job.ts";
import { leaseLost, noJob } from "../refusals.ts";
import { fromRow, type JobRowWithSteps, type StepRow, toStep } from "../rows.ts";
import { furthestPosition, type JobQuery, type Lease } from "../store.ts";
import type { Query } from "./database.ts";

const columns = "jobs.*, darkroom.steps_of(jobs.id) AS steps";
/**
 * A job's version is its latest change. Only an active job's steps can be newer than its row: an ending takes
 * a later number.
 */
const latest = `CASE WHEN finished_at IS NOT NULL THEN change
  ELSE greatest(change, (SELECT max(s.change) FROM darkroom.steps s WHERE s.job_id = jobs.id)) END`;

/** What is asked, never changed. Every query for a person names the viewer in its WHERE. */
export function createReads(query: Query) {
	async function jobs(sql: string, values: readonly unknown[]): Promise<JobWithSteps[]> {
		return (await query<JobRowWithSteps>(sql, values)).map(fromRow);
	}

	return {
		async job(viewer: string, jobId: string): Promise<JobWithSteps> {
			const [found] = await jobs(`SELECT ${columns} FROM darkroom.jobs WHERE owner = $1 AND id = $2`, [viewer, jobId]);
			if (!found) throw noJob(jobId);
			return found;
		},
		list({ viewer, kind, status, subject, before, limit }: JobQuery): Promise<JobWithSteps[]> {
			const values: unknown[] = [viewer, limit];
			const where = ["owner = $1"];
			const also = (condition: string, value: unknown) => {
				if (value === undefined) return;
				values.push(value);
				where.push(`${condition} $${values.length}`);
			};
			also("id <", before);
			also("kind =", kind);
			also("subject =", subject);
			if (status) {
				values.push(status);
				where.push(`status = ANY ($${values.length})`);
			}
			const sql = `SELECT ${columns} FROM darkroom.jobs WHERE ${where.join(" AND ")} ORDER BY id DESC LIMIT $2`;
			return jobs(sql, values);
		},
		/** In two parts, each by its own index: what has ended since, and what is active, of which there is little. */
		changes: (viewer: string, change: number, limit: number): Promise<JobWithSteps[]> =>
			jobs(
				`SELECT ${columns} FROM (
				   (SELECT id, change AS latest FROM darkroom.jobs WHERE owner = $1 AND finished_at IS NOT NULL AND change > $2
				    ORDER BY change LIMIT $3)
				   UNION ALL
				   (SELECT id, ${latest} FROM darkroom.jobs WHERE owner = $1 AND finished_at IS NULL)
				 ) AS changed JOIN darkroom.jobs USING (id)
				 WHERE owner = $1 AND latest > $2 ORDER BY latest LIMIT $3`,
				[viewer, change, limit],
			),
		/** From what is committed: the sequence may have given numbers to transactions that are still under way. */
		async cursor(viewer: string): Promise<number> {
			const [row] = await query<{ cursor: number }>(
				`SELECT greatest(
				   (SELECT change FROM darkroom.accounts WHERE owner = $1),
				   (SELECT max(change) FROM darkroom.jobs WHERE owner = $1 AND finished_at IS NOT NULL),
				   (SELECT max(${latest}) FROM darkroom.jobs WHERE owner = $1 AND finished_at IS NULL),
				   0) AS cursor`,
				[viewer],
			);
			return row?.cursor ?? 0;
		},
		async queuePosition({ kind, waitsFor, priority, runAt, id, owner }: Job): Promise<number | null> {
			if (waitsFor === null || waitsFor === "time") return null;
			const isBefore = "(priority > $2 OR (priority = $2 AND (run_at, id) < ($3, $4)))";
			const [row] = await query<{ ahead: number; behind: number }>(
				`SELECT (SELECT count(*) FROM (SELECT FROM darkroom.jobs WHERE waits_for = 'worker' AND kind = $1 AND ${isBefore}
				   LIMIT ${furthestPosition}) AS a) AS ahead,
				 (SELECT count(*) FROM (SELECT FROM darkroom.jobs WHERE waits_for = 'owner' AND owner = $5 AND kind = $1 AND ${isBefore}
				   LIMIT ${furthestPosition}) AS b) AS behind`,
				[kind, priority, runAt, id, owner],
			);
			const ahead = row?.ahead ?? 0;
			return waitsFor === "worker" ? ahead : Math.min(furthestPosition, ahead + (row?.behind ?? 0));
		},
		async countActive(viewer: string, kind: string): Promise<number> {
			const sql = "SELECT count(*) AS n FROM darkroom.jobs WHERE owner = $1 AND kind = $2 AND finished_at IS NULL";
			const [row] = await query<{ n: number }>(sql, [viewer, kind]);
			return row?.n ?? 0;
		},
		durations: (kind: string, limit: number): Promise<{ durationMs: number; steps: number }[]> =>
			query(
				`SELECT finished_at - started_at AS "durationMs",
				   (SELECT count(*) FROM darkroom.steps WHERE job_id = jobs.id) AS steps
				 FROM darkroom.jobs WHERE kind = $1 AND status = 'completed' AND attempt = 1 AND retried_at IS NULL ORDER BY finished_at DESC, id DESC LIMIT $2`,
				[kind, limit],
			),
		async stepsOf(lease: Lease): Promise<Step[]> {
			if ((await this.owners([lease])).size === 0) throw leaseLost(lease.jobId);
			return (await this.steps([lease.jobId])).map(toStep);
		},
		async owners(leases: readonly Lease[]): Promise<ReadonlyMap<string, string>> {
			const rows = await query<{ token: string; owner: string }>(
				`SELECT token, jobs.owner FROM unnest($1::text[], $2::text[], $3::text[]) AS l (owner, id, token)
				 LEFT JOIN darkroom.moved_leases AS moved USING (token)
				 JOIN darkroom.jobs ON jobs.owner = coalesce(moved.owner, l.owner) AND jobs.id = l.id AND lease_token = token`,
				[leases.map((l) => l.owner), leases.map((l) => l.jobId), leases.map((l) => l.leaseToken)],
			);
			return new Map(rows.map(({ token, owner }) => [token, owner]));
		},
		/** Of jobs that the caller holds. */
		steps: (jobIds: readonly string[]): Promise<(StepRow & { job_id: string })[]> =>
			query("SELECT * FROM darkroom.steps WHERE job_id = ANY ($1) ORDER BY job_id, position", [jobIds]),
	};
}

import type { DatabaseSync } from "node:sqlite";
import type { JobWithSteps, Step } from "../../core/job.ts";
import { isFinal } from "../../core/status.ts";
import { leaseLost, noJob } from "../refusals.ts";
import { fromRow, type StepRow, stepRowsOf, toJobWithSteps, toStep } from "../rows.ts";
import type { JobQuery, Lease } from "../store.ts";
import { createFindChanged } from "./changed.ts";
import type { ElsewhereNews } from "./elsewhere.ts";
import type { RecentJob, RecentRows } from "./recent-rows.ts";
import { type KeyedJobWithSteps, stepsColumn, stepsOfJob } from "./rows.ts";

/** What is asked, never changed. Every query for a person names the viewer in its WHERE. */
export function createReads(db: DatabaseSync, recent: RecentRows, elsewhere: ElsewhereNews) {
	const job = db.prepare(`SELECT *, ${stepsColumn} FROM jobs WHERE id = ? AND owner = ?`);
	const findChanged = createFindChanged(db);
	const lists = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

	/** In two parts: the jobs that are not listed yet, which are the newest, then those that are. */
	function listStatement(query: JobQuery, part: "unlisted" | "listed") {
		const where =
			part === "unlisted"
				? ["jobs.owner = :viewer", "jobs.id > (SELECT up_to FROM listed)"]
				: ["mine.owner = :viewer", "jobs.id = mine.job_id"];
		const id = part === "unlisted" ? "jobs.id" : "mine.job_id";
		if (query.before !== undefined) where.push(`${id} < :before`);
		if (query.kind !== undefined) where.push("kind = :kind");
		if (query.subject !== undefined) where.push("subject = :subject");
		if (query.status !== undefined) where.push("status IN (SELECT value FROM json_each(:status))");
		if (query.status?.length && !query.status.some(isFinal)) where.push("finished_at IS NULL");
		const from = part === "unlisted" ? "jobs" : "owner_jobs AS mine CROSS JOIN jobs";
		const sql = `SELECT jobs.*, ${stepsColumn} FROM ${from} WHERE ${where.join(" AND ")} ORDER BY ${id} DESC LIMIT :limit`;
		const prepared = lists.get(sql) ?? db.prepare(sql);
		lists.set(sql, prepared);
		return prepared;
	}

	function someChanges(viewer: string, change: number, limit: number, among: readonly string[]): JobWithSteps[] {
		const rows = among.map((id) => job.get(id, viewer) as KeyedJobWithSteps | undefined);
		return rows
			.filter((row) => row !== undefined)
			.map(fromRow)
			.filter((one) => one.job.change > change)
			.sort((a, b) => a.job.change - b.job.change)
			.slice(0, limit);
	}

	function look(viewer: string, jobId: string): RecentJob {
		const row = job.get(jobId, viewer) as KeyedJobWithSteps | undefined;
		if (!row) throw noJob(jobId);
		const found = { row, steps: stepRowsOf(row) };
		recent.keep(found);
		return found;
	}

	return {
		job(viewer: string, jobId: string): JobWithSteps {
			const { row, steps } = recent.find(jobId) ?? look(viewer, jobId);
			if (row.owner !== viewer) throw noJob(jobId);
			return toJobWithSteps(row, steps);
		},
		list(query: JobQuery): JobWithSteps[] {
			const { status, limit, ...given } = query;
			const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
			const bound = { ...values, ...(status ? { status: JSON.stringify(status) } : {}) };
			const rows = listStatement(query, "unlisted").all({ ...bound, limit }) as unknown as KeyedJobWithSteps[];
			const rest = limit - rows.length;
			if (rest > 0) {
				const listed = listStatement(query, "listed").all({ ...bound, limit: rest });
				rows.push(...(listed as unknown as KeyedJobWithSteps[]));
			}
			return rows.map(fromRow);
		},
		changes(viewer: string, change: number, limit: number, among?: readonly string[]): JobWithSteps[] {
			// Another process may have changed others of this owner, with lower numbers, that nobody here was told of yet.
			if (among && !elsewhere.isBehind) return someChanges(viewer, change, limit, among);
			const ids = findChanged(viewer, change, limit);
			return ids.map((id) => fromRow(job.get(id, viewer) as unknown as KeyedJobWithSteps));
		},
	};
}

/** What a worker asks of the jobs that it holds. */
export function createLeaseReads(db: DatabaseSync) {
	const byLease = db.prepare("SELECT seq, owner FROM jobs WHERE id = ? AND lease_token = ?");
	const steps = db.prepare(stepsOfJob);

	return {
		owners(leases: readonly Lease[]): ReadonlyMap<string, string> {
			const owners = new Map<string, string>();
			for (const { jobId, leaseToken } of leases) {
				const job = byLease.get(jobId, leaseToken) as { owner: string } | undefined;
				if (job) owners.set(leaseToken, job.owner);
			}
			return owners;
		},
		stepsOf(lease: Lease): Step[] {
			const job = byLease.get(lease.jobId, lease.leaseToken) as { seq: number } | undefined;
			if (!job) throw leaseLost(lease.jobId);
			return (steps.all(job.seq) as unknown as StepRow[]).map(toStep);
		},
	};
}

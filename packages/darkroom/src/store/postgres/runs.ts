import type { Job, JobWithSteps } from "../../core/job.ts";
import { cancelledFailure } from "../refusals.ts";
import { fromRow, type JobRowWithSteps } from "../rows.ts";
import type { Begun, Dispatch, DispatchTake, Run, RunBegin, RunEnd } from "../store.ts";
import { type Woken, wokenChange } from "./answer.ts";
import type { Ask } from "./ask.ts";
import type { Database } from "./database.ts";
import { credits } from "./endings.ts";
import { mayTryAgain } from "./try-again.ts";

/** The job is not the owner's (any more) under whom it was looked for. */
interface Moved {
	readonly is_moved: true;
}

type BeginAnswer =
	| Moved
	| { readonly is_moved?: undefined; readonly is_resumed: boolean; readonly job: JobRowWithSteps }
	| {
			readonly is_moved?: undefined;
			readonly job?: undefined;
			readonly reason: "final" | "held" | "waits" | "superseded";
			/** Set where it waits for its owner from now on. */
			readonly change?: number;
			readonly kind?: string;
	  };

type EndAnswer =
	| Moved
	| {
			readonly is_moved?: undefined;
			readonly job: JobRowWithSteps;
			readonly token: string | null;
			readonly woken: readonly Woken[];
	  }
	/** It waits for a worker anew. */
	| { readonly is_moved?: undefined; readonly job?: undefined; readonly kind: string; readonly change: number };

const moved = Symbol("moved");

/**
 * What a service is sent, and what it calls back with. Its rules are in migrations/0009_runs.sql. A run names the job alone, and
 * the owner is the lock: so whose job it is, is asked first, and once more where it has become another's meanwhile.
 */
export function createRuns(db: Pick<Database, "query" | "call" | "commit">) {
	/** Undefined where there is no such job. */
	async function asItsOwner<Result>(
		jobId: string,
		work: (owner: string) => Promise<Result | typeof moved>,
	): Promise<Result | undefined> {
		for (;;) {
			const [row] = await db.query<{ owner: string | null }>("SELECT darkroom.owner_of($1) AS owner", [jobId]);
			if (!row || row.owner === null) return undefined;
			const result = await work(row.owner);
			if (result !== moved) return result;
		}
	}

	function endAs(owner: string, { jobId, leaseToken, dispatch, as, due, now }: RunEnd) {
		const isCancelled = as === "cancelled";
		const given = credits(due);
		const status = isCancelled ? "cancelled" : "failed";
		const failure = JSON.stringify(isCancelled ? cancelledFailure(given) : as);
		const values = [owner, jobId, leaseToken, dispatch, status, failure, given, now];
		return db.call("end_run", values, (answer, note): Job | null | typeof moved => {
			const ended = answer as EndAnswer | null;
			if (ended === null) return null;
			if (ended.is_moved) return moved;
			if (!ended.job) {
				note({ owner, jobId, change: ended.change, kind: ended.kind, status: "queued", claimable: true });
				return null;
			}
			const { change, kind } = ended.job;
			note({ owner, jobId, change, kind, status, hasEnded: true, revokedLeaseToken: ended.token });
			for (const woken of ended.woken) note(wokenChange(woken));
			return fromRow(ended.job).job;
		});
	}

	return {
		/** Again, where everything that is due is locked. */
		async takeDispatches({ kinds, limit, now, firstMs, mostMs }: DispatchTake): Promise<Dispatch[]> {
			const sql = "SELECT darkroom.take_dispatches($1, $2, $3, $4, $5) AS answer";
			for (let tries = 1; ; tries++) {
				const [row] = await db.query<{ answer: string }>(sql, [kinds, limit, now, firstMs, mostMs]);
				const { taken, is_more: isMore } = JSON.parse(row?.answer ?? "{}") as {
					readonly taken: Dispatch[];
					readonly is_more: boolean;
				};
				if (taken.length > 0 || !isMore || !(await mayTryAgain(tries))) return taken;
			}
		},
		async begin(begin: RunBegin): Promise<Begun> {
			const begun = await asItsOwner(begin.jobId, (owner) => db.commit(askToBegin(owner, begin)));
			return begun ?? { claimed: null, reason: "unknown" };
		},
		async read({ jobId, leaseToken, dispatch }: Run): Promise<JobWithSteps | null> {
			const [row] = await db.query<JobRowWithSteps>(
				`SELECT jobs.*, darkroom.steps_of(jobs.id) AS steps FROM darkroom.jobs
				 WHERE owner = darkroom.owner_of($1) AND id = $1 AND darkroom.is_of_run(jobs, $2, $3)`,
				[jobId, leaseToken, dispatch],
			);
			return row ? fromRow(row) : null;
		},
		end: async (end: RunEnd): Promise<Job | null> =>
			(await asItsOwner(end.jobId, (owner) => endAs(owner, end))) ?? null,
	};
}

function askToBegin(owner: string, { jobId, leaseToken, dispatch, leaseExpiresAt, now }: RunBegin) {
	const row = { ord: 0, owner, id: jobId, token: leaseToken, dispatch, expires_at: leaseExpiresAt, at: now };
	const ask: Ask<Begun | typeof moved> = {
		sort: "begins",
		owners: [owner],
		key: `begin ${jobId}`,
		rows: [row],
		read: (answer, ord, note) => {
			const [, begun] = answer.find(ord, (value) => value as [number, BeginAnswer][]) ?? [];
			if (!begun || begun.is_moved) return moved;
			if (!begun.job) {
				const { reason, change, kind } = begun;
				if (change !== undefined && kind !== undefined) note({ owner, jobId, change, kind, status: "queued" });
				return { claimed: null, reason };
			}
			const { is_resumed: isResumed, job: found } = begun;
			const { change, kind } = found;
			if (!isResumed) note({ owner, jobId, change, kind, status: "running" });
			return { claimed: fromRow(found), isResumed };
		},
	};
	return ask;
}

import type { Failure } from "../core/errors.ts";
import type { Job, JobWithSteps } from "../core/job.ts";
import { isFinal } from "../core/status.ts";
import type { Begun, Change, Dispatch, DispatchTake, Run, RunBegin, RunEnd } from "../store/store.ts";
import { type ModelJob, type ModelRows, toJob, toJobWithSteps } from "./model-rows.testsuite.ts";

/** What a change tells beside what its job's row does. */
export type Told = Partial<Pick<Change, "hasEnded" | "revokedLeaseToken" | "claimable">>;

/** What the model's other transitions do for a run. */
export interface RunParts {
	take(job: ModelJob, begin: RunBegin): void;
	cancel(job: ModelJob, now: number, due: number): void;
	fail(job: ModelJob, error: Failure, now: number, due: number): void;
	hasFreePlace(job: ModelJob): boolean;
	changed(job: ModelJob, told?: Told): void;
}

/** The model's way to runs of a service: what it is sent, and what it calls back with. */
export class ModelRuns {
	readonly #rows: ModelRows;
	readonly #parts: RunParts;

	constructor(rows: ModelRows, parts: RunParts) {
		this.#rows = rows;
		this.#parts = parts;
	}

	takeDispatches({ kinds, limit, now, firstMs, mostMs }: DispatchTake): Dispatch[] {
		return this.#rows
			.jobsWhere((job) => job.waitsFor === "worker" && kinds.includes(job.kind) && dueAt(job) <= now)
			.sort((a, b) => dueAt(a) - dueAt(b) || a.change - b.change)
			.slice(0, limit)
			.map((job) => {
				const { id: jobId, owner, kind, change } = job;
				const sends = isSent(job) ? job.sent.times + 1 : 1;
				let waitMs = firstMs;
				for (let times = 1; times < sends; times++) waitMs *= 2;
				job.sent = { change, times: sends, againAt: now + Math.min(mostMs, waitMs) };
				return { jobId, owner, kind, change, sends };
			});
	}

	beginRun(begin: RunBegin): Begun {
		const { jobId, leaseToken, leaseExpiresAt, dispatch, now } = begin;
		const job = this.#rows.jobs.get(jobId);
		if (!job) return { claimed: null, reason: "unknown" };
		if (isFinal(job.status)) return { claimed: null, reason: "final" };
		if (job.status === "running") {
			if (job.leaseToken !== leaseToken) return { claimed: null, reason: "held" };
			job.leaseExpiresAt = Math.max(job.leaseExpiresAt ?? 0, leaseExpiresAt);
			return { claimed: this.#whole(job), isResumed: true };
		}
		if (job.waitsFor === "worker") {
			if (dispatch !== null && dispatch !== job.change) return { claimed: null, reason: "superseded" };
		} else {
			if (job.waitsFor === "owner" || dispatch === null || job.sent?.change !== dispatch) {
				return { claimed: null, reason: "waits" };
			}
			job.runAt = Math.min(job.runAt, now);
			if (!this.#parts.hasFreePlace(job)) {
				job.waitsFor = "owner";
				this.#parts.changed(job);
				return { claimed: null, reason: "waits" };
			}
		}
		this.#parts.take(job, begin);
		return { claimed: this.#whole(job), isResumed: false };
	}

	readRun(run: Run): JobWithSteps | null {
		const job = this.#find(run);
		return job ? this.#whole(job) : null;
	}

	endRun({ as, due, now, ...run }: RunEnd): Job | null {
		const job = this.#find(run);
		if (!job) return null;
		if (as === "cancelled") this.#parts.cancel(job, now, due);
		else if (job.waitsFor !== "worker") this.#parts.fail(job, as, now, due);
		else {
			this.#parts.changed(job, { claimable: true });
			return null;
		}
		return toJob(job);
	}

	/** Where it is this run's to end. */
	#find({ jobId, leaseToken, dispatch }: Run): ModelJob | undefined {
		const job = this.#rows.jobs.get(jobId);
		if (!job) return undefined;
		const isBegun = job.status === "running" && job.leaseToken === leaseToken;
		const isSentFor = job.waitsFor === "worker" && job.change === dispatch;
		const isAsleep = job.waitsFor === "time" && dispatch !== null && job.sent?.change === dispatch;
		return isBegun || isSentFor || isAsleep ? job : undefined;
	}

	#whole(job: ModelJob): JobWithSteps {
		return toJobWithSteps(job, this.#rows.stepsOf(job.id));
	}
}

/** For this wait, not for an earlier one. */
function isSent(job: ModelJob): job is ModelJob & { sent: NonNullable<ModelJob["sent"]> } {
	return job.sent !== null && job.sent.change === job.change;
}

/** 0 for what was not sent for this wait. */
function dueAt(job: ModelJob): number {
	return isSent(job) ? job.sent.againAt : 0;
}

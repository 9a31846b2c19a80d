import { DarkroomError, type Failure } from "../core/errors.ts";
import type { JobWithSteps, WaitsFor } from "../core/job.ts";
import { isActive } from "../core/status.ts";
import { type Entry, settleEnd, settleStart } from "../credits/settlement.ts";
import { cancelledFailure, clearedFailure, timedOutFailure, workerLostFailure } from "../store/refusals.ts";
import type {
	Change,
	Claim,
	Claimed,
	Completion,
	JobFailure,
	Lease,
	OwnersRequest,
	ProgressReport,
	Release,
	StepCompletion,
	StepFailure,
	StepStart,
	Submission,
	Submitted,
	Sweep,
	Swept,
} from "../store/store.ts";
import { ModelLedger } from "./model-ledger.testsuite.ts";
import {
	byTurn,
	hasPlace,
	type ModelJob,
	type ModelRows,
	toJob,
	toJobWithSteps,
	toStep,
} from "./model-rows.testsuite.ts";
import { ModelRuns, type Told } from "./model-runs.testsuite.ts";

/**
 * The store's transitions, as plainly as they can be said: rows in maps, every rule a walk over them, every check before
 * the first write. No index, no cache and no statement, so nothing here can be wrong for speed's sake.
 */
export class ModelTransitions {
	readonly ledger: ModelLedger;
	readonly runs: ModelRuns;
	readonly #rows: ModelRows;
	readonly #note: (change: Change) => void;

	constructor(rows: ModelRows, note: (change: Change) => void) {
		this.#rows = rows;
		this.#note = note;
		this.ledger = new ModelLedger(rows);
		this.runs = new ModelRuns(rows, {
			take: (job, begin) => this.#take(job, begin.leaseToken, begin.leaseExpiresAt, begin.now),
			cancel: (job, now, due) => this.#end(job, "cancelled", cancelledFailure(due), now, due),
			fail: (job, error, now, due) => this.#end(job, "failed", error, now, due),
			hasFreePlace: ({ owner, kind, runningPerOwner }) =>
				runningPerOwner === null || this.#isPlaceFree(owner, kind, runningPerOwner),
			changed: (job, told) => this.#changed(job, told),
		});
	}

	/** The next change number. */
	#next(): number {
		return ++this.#rows.change;
	}

	#changed(job: ModelJob, told: Told = {}): void {
		job.change = this.#next();
		const { owner, id: jobId, change, kind, status } = job;
		this.#note({ owner, jobId, change, kind, status, ...told });
	}

	#active(owner: string, kind?: string): ModelJob[] {
		return this.#rows.jobsWhere(
			(job) => job.owner === owner && isActive(job.status) && (kind === undefined || job.kind === kind),
		);
	}

	#held({ jobId, leaseToken }: Lease): ModelJob {
		const job = this.#rows.jobs.get(jobId);
		if (job?.leaseToken === leaseToken) return job;
		throw new DarkroomError("lease_lost", { detail: `Job ${jobId} is no longer this worker's.` });
	}

	#owned(viewer: string, jobId: string): ModelJob {
		const job = this.#rows.jobs.get(jobId);
		if (job?.owner === viewer) return job;
		throw new DarkroomError("not_found", { detail: `There is no job ${jobId}.` });
	}

	#whole(job: ModelJob): JobWithSteps {
		return toJobWithSteps(job, this.#rows.stepsOf(job.id));
	}

	// ── admission ───────────────────────────────────────────────────────────────────────────────────────

	submitJob(s: Submission): Submitted {
		const known = s.idempotencyKey === null ? undefined : this.#byKey(s.owner, s.idempotencyKey);
		if (known) return { job: sameRequest(known, s), created: false, claimed: false };
		for (const id of s.assets) {
			const asset = this.#rows.assets.get(id);
			if (asset?.owner !== s.owner || asset.removedAt !== null) throw noAsset(id);
		}
		const stale = s.subject === null ? undefined : this.#requireFreeSubject(s.owner, s.subject, s.staleAfterMs, s.now);
		if (s.activePerOwner !== null) this.#requireRoom(s.owner, s.kind, s.activePerOwner, stale);
		this.ledger.requireFunds(s.owner, s.price, stale);
		if (stale) this.#end(stale, "failed", clearedFailure, s.now);
		this.ledger.hold(s.owner, s.price, s.id, s.now);
		for (const id of s.assets) {
			const asset = this.#rows.assets.get(id);
			if (asset) asset.keptAt ??= s.now;
		}
		return this.#enter(s);
	}

	#byKey(owner: string, key: string): ModelJob | undefined {
		return this.#rows.jobsWhere((job) => job.owner === owner && job.idempotencyKey === key)[0];
	}

	#requireFreeSubject(owner: string, subject: string, staleAfterMs: number | null, now: number): ModelJob | undefined {
		const active = this.#active(owner).find((job) => job.subject === subject);
		if (!active) return undefined;
		const ageMs = now - active.activeSince;
		if (staleAfterMs !== null && ageMs > staleAfterMs) return active;
		const data = { jobId: active.id, jobStatus: active.status, ageMs };
		throw new DarkroomError("conflict", { detail: `Job ${active.id} is ${active.status} for this.`, data });
	}

	#requireRoom(owner: string, kind: string, limit: number, stale?: ModelJob): void {
		const active = this.#active(owner, kind).filter((job) => job !== stale).length;
		if (active < limit) return;
		const detail = `You have ${active} generation${active === 1 ? "" : "s"} in progress. Please wait for one to complete.`;
		throw new DarkroomError("too_many_active", { detail, data: { limit, active } });
	}

	#enter(s: Submission): Submitted {
		const waitsFor = this.#whatFor(s.owner, s.kind, s.runningPerOwner, s.runAt, s.now);
		const isAnyoneWaiting = this.#rows.jobsWhere((one) => one.waitsFor === "worker").length > 0;
		const offer = waitsFor === "worker" && !isAnyoneWaiting ? s.offer : null;
		const job: ModelJob = {
			...{ id: s.id, kind: s.kind, owner: s.owner, subject: s.subject, idempotencyKey: s.idempotencyKey },
			...{ status: "queued", waitsFor, priority: s.priority, runAt: s.runAt, input: s.input, output: null },
			...{ error: null, price: s.price, held: s.price, charged: 0, charge: s.charge },
			...{ runningPerOwner: s.runningPerOwner, timeoutMs: s.timeoutMs, queueTimeoutMs: s.queueTimeoutMs },
			...{ attempt: 0, claims: 0, maxAttempts: s.maxAttempts, leaseToken: null, leaseExpiresAt: null },
			...{
				deadlineAt: s.runAt + s.queueTimeoutMs,
				expectedSteps: s.expectedSteps,
				progress: null,
				message: null,
				change: 0,
			},
			...{ createdAt: s.now, activeSince: s.now, isRetried: false, startedAt: null, finishedAt: null },
			sent: null,
		};
		this.#rows.jobs.set(job.id, job);
		if (offer) this.#take(job, offer.leaseToken, offer.leaseExpiresAt, s.now);
		else this.#changed(job, { claimable: waitsFor === "worker" });
		return { job: toJob(job), created: true, claimed: offer !== null };
	}

	#whatFor(owner: string, kind: string, runningPerOwner: number | null, runAt: number, now: number): WaitsFor {
		if (runAt > now) return "time";
		return runningPerOwner === null || this.#isPlaceFree(owner, kind, runningPerOwner) ? "worker" : "owner";
	}

	#isPlaceFree(owner: string, kind: string, runningPerOwner: number): boolean {
		return this.#active(owner, kind).filter(hasPlace).length < runningPerOwner;
	}

	/** A place came free: the owner's next job of the kind takes it. */
	#passOn({ owner, kind, runningPerOwner }: Pick<ModelJob, "owner" | "kind" | "runningPerOwner">): void {
		if (runningPerOwner === null) return;
		const next = this.#active(owner, kind)
			.filter((job) => job.waitsFor === "owner")
			.sort(byTurn)[0];
		if (!next || !this.#isPlaceFree(owner, kind, runningPerOwner)) return;
		next.waitsFor = "worker";
		this.#changed(next, { claimable: true });
	}

	// ── workers ─────────────────────────────────────────────────────────────────────────────────────────

	claimJobs({ kinds, limit, leaseExpiresAt, now, newLeaseToken }: Claim): Claimed[] {
		const waiting = this.#rows.jobsWhere((job) => job.waitsFor === "worker" && kinds.includes(job.kind)).sort(byTurn);
		return waiting.slice(0, limit).map((job) => {
			this.#take(job, newLeaseToken(), leaseExpiresAt, now);
			return { job: toJob(job), steps: this.#rows.stepsOf(job.id).map(toStep) };
		});
	}

	#take(job: ModelJob, leaseToken: string, leaseExpiresAt: number, now: number): void {
		Object.assign(job, { status: "running", waitsFor: null, leaseToken, leaseExpiresAt });
		job.attempt++;
		job.claims++;
		if (job.startedAt === null) {
			job.startedAt = now;
			job.deadlineAt = now + job.timeoutMs;
		}
		this.#settle(job, settleStart(job), now);
		this.#changed(job);
	}

	#settle(job: ModelJob, settlement: { entries: readonly Entry[]; held: number; charged: number }, now: number): void {
		this.ledger.post(job.owner, settlement.entries, job.id, now);
		job.held = settlement.held;
		job.charged = settlement.charged;
	}

	extendLeases({ leases, leaseExpiresAt }: { leases: readonly Lease[]; leaseExpiresAt: number }): string[] {
		const lost: string[] = [];
		for (const { jobId, leaseToken } of leases) {
			const job = this.#rows.jobs.get(jobId);
			if (job?.leaseToken === leaseToken) job.leaseExpiresAt = Math.max(job.leaseExpiresAt ?? 0, leaseExpiresAt);
			else lost.push(leaseToken);
		}
		return lost;
	}

	releaseJob({ runAt, now, ...lease }: Release): void {
		const job = this.#held(lease);
		const waitsFor = runAt > now ? "time" : "worker";
		Object.assign(job, { status: "queued", waitsFor, runAt, leaseToken: null, leaseExpiresAt: null });
		job.attempt--;
		this.#changed(job, { claimable: waitsFor === "worker" });
		if (waitsFor === "time") this.#passOn(job);
	}

	startStep(s: StepStart): void {
		this.#step(s, { status: "running", startedAt: s.now, output: null, error: null, finishedAt: null });
	}

	completeStep(s: StepCompletion): void {
		const { startedAt, output, now } = s;
		this.#step(s, { status: "completed", startedAt, output, error: null, finishedAt: now });
		for (const id of s.keeps) {
			const asset = this.#rows.assets.get(id);
			if (asset?.owner === this.#held(s).owner) asset.keptAt ??= now;
		}
	}

	failStep(s: StepFailure): void {
		this.#step(s, { status: "failed", startedAt: s.startedAt, output: null, error: s.error, finishedAt: s.now });
	}

	#step(s: StepStart, row: Pick<ModelStepRow, "status" | "startedAt" | "output" | "error" | "finishedAt">): void {
		const job = this.#held(s);
		const steps = this.#rows.steps.get(job.id) ?? new Map();
		this.#rows.steps.set(job.id, steps);
		const known = steps.get(s.name);
		// A completed step is never written over, whoever asks.
		if (known?.status === "completed" && !isTheSame(known, { ...row, attempts: s.attempts }))
			throw new DarkroomError("lease_lost", { detail: `Step ${s.name} is complete.` });
		const { position } = known ?? s;
		const preview = (row.status === "failed" ? null : s.preview) ?? known?.preview ?? null;
		const change = this.#next();
		steps.set(s.name, { ...row, name: s.name, attempts: s.attempts, position, preview, change });
		this.#note({ owner: job.owner, jobId: job.id, change, kind: job.kind, status: "running" });
	}

	reportProgress({ progress, message, ...lease }: ProgressReport): void {
		const job = this.#held(lease);
		if (progress !== null) job.progress = Math.max(job.progress ?? 0, progress);
		job.message = message ?? job.message;
		this.#changed(job);
	}

	completeJob({ output, due, now, ...lease }: Completion): void {
		const job = this.#held(lease);
		job.output = output;
		this.#end(job, "completed", null, now, due, false);
	}

	failJob({ error, due, now, ...lease }: JobFailure): void {
		this.#end(this.#held(lease), "failed", error, now, due, false);
	}

	#end(
		job: ModelJob,
		status: "completed" | "failed" | "cancelled",
		error: Failure | null,
		now: number,
		due = 0,
		revokes = true,
	): void {
		const revokedLeaseToken = revokes ? job.leaseToken : null;
		this.#settle(job, settleEnd(job, due), now);
		Object.assign(job, { status, waitsFor: null, error, leaseToken: null, leaseExpiresAt: null, finishedAt: now });
		this.#changed(job, { hasEnded: true, revokedLeaseToken });
		this.#passOn(job);
	}

	// ── owners ──────────────────────────────────────────────────────────────────────────────────────────

	cancelJob({ viewer, jobId, now, due = 0 }: OwnersRequest & { readonly due?: number }): JobWithSteps {
		const job = this.#owned(viewer, jobId);
		if (isActive(job.status)) this.#end(job, "cancelled", cancelledFailure(due), now, due);
		return this.#whole(job);
	}

	clearSubject({ viewer, subject, now }: { viewer: string; subject: string; now: number }): JobWithSteps {
		const job = this.#active(viewer).find((one) => one.subject === subject);
		if (!job) throw new DarkroomError("not_found", { detail: "Nothing is in progress for this any more." });
		this.#end(job, "failed", clearedFailure, now);
		return this.#whole(job);
	}

	retryJob({ viewer, jobId, now, activePerOwner }: OwnersRequest & Pick<Submission, "activePerOwner">): JobWithSteps {
		const job = this.#owned(viewer, jobId);
		if (isActive(job.status) || job.status === "completed") throw impossible(job);
		if (job.subject !== null) this.#requireFreeSubject(viewer, job.subject, null, now);
		if (activePerOwner !== null) this.#requireRoom(viewer, job.kind, activePerOwner);
		const hold = job.price - job.charged;
		this.ledger.requireFunds(viewer, hold);
		this.ledger.hold(viewer, hold, jobId, now);
		const waitsFor = this.#whatFor(viewer, job.kind, job.runningPerOwner, now, now);
		const steps = this.#rows.steps.get(jobId);
		for (const { name, status } of [...(steps?.values() ?? [])]) if (status !== "completed") steps?.delete(name);
		Object.assign(job, { status: "queued", waitsFor, runAt: now, held: hold, attempt: 0, startedAt: null });
		Object.assign(job, {
			finishedAt: null,
			error: null,
			progress: null,
			message: null,
			activeSince: now,
			isRetried: true,
			sent: null,
		});
		job.deadlineAt = now + job.queueTimeoutMs;
		this.#changed(job, { claimable: waitsFor === "worker" });
		return this.#whole(job);
	}

	deleteJob({ viewer, jobId }: OwnersRequest): JobWithSteps {
		const job = this.#owned(viewer, jobId);
		if (isActive(job.status)) throw impossible(job);
		const removed = this.#whole(job);
		this.#rows.jobs.delete(jobId);
		this.#rows.steps.delete(jobId);
		for (const entry of this.#rows.entries) if (entry.jobId === jobId) entry.jobId = null;
		this.#changed(job);
		return removed;
	}

	transferOwner({ from, to, now }: { from: string; to: string; now: number }): void {
		if (from === to) return;
		const theirs = this.#rows.jobsWhere((job) => job.owner === to);
		const moved = this.#rows.jobsWhere((job) => job.owner === from).sort((a, b) => a.change - b.change);
		const inLine: ModelJob[] = [];
		for (const job of moved) {
			if (theirs.some((one) => one.idempotencyKey === job.idempotencyKey)) job.idempotencyKey = null;
			const isLocked =
				isActive(job.status) && theirs.some((one) => isActive(one.status) && one.subject === job.subject);
			if (isLocked) job.subject = null;
		}
		for (const job of moved) {
			const { leaseToken, kind, runningPerOwner } = job;
			const isFree = runningPerOwner === null || this.#isPlaceFree(to, kind, runningPerOwner);
			const goesOn = leaseToken !== null && isFree;
			job.owner = to;
			const goesBack = !goesOn && (leaseToken !== null || job.waitsFor === "worker");
			if (goesBack) {
				if (leaseToken !== null) job.attempt--;
				const waitsFor = job.runningPerOwner === null ? "worker" : "owner";
				Object.assign(job, { status: "queued", waitsFor, leaseToken: null, leaseExpiresAt: null });
				if (waitsFor === "owner") inLine.push(job);
			}
			const leases = goesOn ? { movedLeaseToken: leaseToken } : { revokedLeaseToken: leaseToken };
			this.#changed(job, { ...leases, claimable: goesBack && job.waitsFor === "worker" });
		}
		for (const job of inLine) this.#passOn(job);
		for (const asset of this.#rows.assets.values()) if (asset.owner === from) asset.owner = to;
		this.ledger.transfer(from, to, now);
		this.#rows.transfers.push({ id: ++this.#rows.lastTransfer, owner: from });
	}

	// ── the sweeper ─────────────────────────────────────────────────────────────────────────────────────

	sweep({ now, limit }: Sweep): Swept {
		const swept = { ended: [] as ReturnType<typeof toJob>[], returned: 0, woken: 0 };
		const due = this.#rows.jobsWhere((job) => dueAt(job) <= now).sort((a, b) => dueAt(a) - dueAt(b));
		for (const job of due.slice(0, limit)) {
			const isLate = job.deadlineAt <= now;
			if (isLate || (job.status === "running" && job.attempt >= job.maxAttempts)) {
				this.#end(job, "failed", isLate ? timedOut(job) : workerLostFailure(job.attempt), now);
				swept.ended.push(toJob(job));
			} else if (job.status === "running") {
				const revokedLeaseToken = job.leaseToken;
				Object.assign(job, {
					status: "queued",
					waitsFor: "worker",
					runAt: now,
					leaseToken: null,
					leaseExpiresAt: null,
				});
				this.#changed(job, { revokedLeaseToken, claimable: true });
				swept.returned++;
			} else {
				job.waitsFor = this.#whatFor(job.owner, job.kind, job.runningPerOwner, job.runAt, now);
				this.#changed(job, { claimable: job.waitsFor === "worker" });
				swept.woken++;
			}
		}
		const nextDueAt = this.#rows.jobsWhere(() => true).reduce((next, job) => Math.min(next, dueAt(job)), never);
		return { ...swept, nextDueAt: nextDueAt === never ? null : nextDueAt };
	}
}

type ModelStepRow = NonNullable<ReturnType<ModelRows["stepsOf"]>[number]>;

const never = Number.POSITIVE_INFINITY;

/** The earliest of its lease's end, its deadline and its start. */
function dueAt(job: ModelJob): number {
	if (!isActive(job.status)) return never;
	const next = job.waitsFor === "time" ? job.runAt : (job.leaseExpiresAt ?? never);
	return Math.min(next, job.deadlineAt);
}

/** As whoever lost the answer asks for it again. */
function isTheSame(
	kept: ModelStepRow,
	asked: Pick<ModelStepRow, "status" | "output" | "attempts" | "finishedAt">,
): boolean {
	const { status, output, attempts, finishedAt } = asked;
	return (
		kept.status === status && kept.output === output && kept.attempts === attempts && kept.finishedAt === finishedAt
	);
}

function timedOut({ startedAt, queueTimeoutMs, timeoutMs }: ModelJob): Failure {
	return timedOutFailure(startedAt === null, startedAt === null ? queueTimeoutMs : timeoutMs);
}

function impossible({ status }: ModelJob): DarkroomError {
	return new DarkroomError("invalid_transition", { detail: `This job is ${status}.`, data: { jobStatus: status } });
}

export function noAsset(assetId: string): DarkroomError {
	return new DarkroomError("not_found", { detail: `There is no asset ${assetId}.` });
}

function sameRequest(known: ModelJob, s: Submission) {
	if (known.kind === s.kind && known.input === s.input) return toJob(known);
	const data = { jobId: known.id };
	throw new DarkroomError("idempotency_mismatch", { detail: "The key was used for another request.", data });
}

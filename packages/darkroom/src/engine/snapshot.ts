import type { Failure } from "../core/errors.ts";
import type { Job, JobSnapshot, JobWithSteps, Step, StepSnapshot } from "../core/job.ts";
import { etaOf, type KindHistory, progressOf } from "../core/progress.ts";
import { isFinal } from "../core/status.ts";

/** What a snapshot says beyond the rows. */
export interface SnapshotFacts {
	readonly history: KindHistory | undefined;
	readonly queuePosition: number | null;
	readonly now: number;
}

/** The owner's view of a job. What is internal (leases, deadlines, holds) stays behind. */
export function toSnapshot({ job, steps }: JobWithSteps, facts: SnapshotFacts): JobSnapshot {
	const snapshot: Draft<JobSnapshot> = {
		id: job.id,
		kind: job.kind,
		status: job.status,
		progress: progressOf(job, steps),
		message: job.message,
		steps: steps.map((step) => toStepSnapshot(step, job)),
		input: job.input,
		price: job.price,
		charged: job.charged,
		attempt: job.attempt,
		version: job.change,
		createdAt: toIso(job.createdAt),
	};
	if (job.subject !== null) snapshot.subject = job.subject;
	if (job.status === "completed") snapshot.output = job.output;
	if (job.error !== null) snapshot.error = toWireError(job.error);
	if (facts.queuePosition !== null) snapshot.queuePosition = facts.queuePosition;
	const etaMs = etaOf(job, steps, facts.history, facts.now);
	if (etaMs !== undefined) snapshot.etaMs = etaMs;
	if (job.startedAt !== null) snapshot.startedAt = toIso(job.startedAt);
	if (job.finishedAt !== null) snapshot.finishedAt = toIso(job.finishedAt);
	return snapshot;
}

/**
 * Put together field by field: each submit and each read makes one, and spreading optional parts into it is several
 * times as dear.
 */
type Draft<Snapshot> = { -readonly [Field in keyof Snapshot]: Snapshot[Field] };

/** A step that was at work when its job ended was cut off: it failed, for the job's own reason. */
function toStepSnapshot(step: Step, job: Job): StepSnapshot {
	const wasCutOff = step.status === "running" && isFinal(job.status);
	const error = wasCutOff ? job.error : step.error;
	const snapshot: Draft<StepSnapshot> = {
		name: step.name,
		status: wasCutOff ? "failed" : step.status,
		attempts: step.attempts,
	};
	if (error !== null) snapshot.error = toWireError(error);
	if (step.preview !== null) snapshot.preview = step.preview;
	return snapshot;
}

function toWireError({ code, message, retryable }: Failure): Failure {
	return { code, message, retryable };
}

const dayMs = 86_400_000;
let day = Number.NaN;
let dayText = "";
let last = Number.NaN;
let lastText = "";

/** As `Date.prototype.toISOString`, which is dear where every snapshot has three: the day's text is kept, and the last whole one. */
export function toIso(ms: number): string {
	if (ms === last) return lastText;
	last = ms;
	lastText = write(ms);
	return lastText;
}

function write(ms: number): string {
	const today = Math.floor(ms / dayMs);
	if (today !== day) {
		day = today;
		dayText = new Date(today * dayMs).toISOString().slice(0, 11);
	}
	const rest = ms - today * dayMs;
	const seconds = Math.floor(rest / 1_000);
	const minutes = Math.floor(seconds / 60);
	const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
	return `${dayText}${clock}.${String(rest % 1_000).padStart(3, "0")}Z`;
}

function two(value: number): string {
	return value < 10 ? `0${value}` : `${value}`;
}

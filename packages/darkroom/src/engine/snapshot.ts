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
	const etaMs = etaOf(job, facts.history, facts.now);
	return {
		id: job.id,
		kind: job.kind,
		status: job.status,
		progress: progressOf(job, steps, facts.history),
		message: job.message,
		...(job.subject !== null && { subject: job.subject }),
		steps: steps.map((step) => toStepSnapshot(step, job)),
		input: job.input,
		...(job.status === "completed" && { output: job.output }),
		...(job.error !== null && { error: toWireError(job.error) }),
		price: job.price,
		charged: job.charged,
		...(facts.queuePosition !== null && { queuePosition: facts.queuePosition }),
		...(etaMs !== undefined && { etaMs }),
		attempt: job.attempt,
		version: job.change,
		createdAt: toIso(job.createdAt),
		...(job.startedAt !== null && { startedAt: toIso(job.startedAt) }),
		...(job.finishedAt !== null && { finishedAt: toIso(job.finishedAt) }),
	};
}

/** A step that was at work when its job ended was cut off: it failed, for the job's own reason. */
function toStepSnapshot(step: Step, job: Job): StepSnapshot {
	const wasCutOff = step.status === "running" && isFinal(job.status);
	const error = wasCutOff ? job.error : step.error;
	return {
		name: step.name,
		status: wasCutOff ? "failed" : step.status,
		attempts: step.attempts,
		...(error !== null && { error: toWireError(error) }),
		...(step.preview !== null && { preview: step.preview }),
	};
}

function toWireError({ code, message, retryable }: Failure): Failure {
	return { code, message, retryable };
}

const dayMs = 86_400_000;
let day = Number.NaN;
let dayText = "";

/** As `Date.prototype.toISOString`, which is dear where every snapshot has three: the day's text is kept. */
export function toIso(ms: number): string {
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

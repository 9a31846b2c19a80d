import type { Asset } from "../core/asset.ts";
import type { Failure } from "../core/errors.ts";
import type { ChargeMoment, Job, JobWithSteps, Step, WaitsFor } from "../core/job.ts";
import type { JobStatus, StepStatus } from "../core/status.ts";

/** A row of `jobs`, whichever database gave it. It must not leave the store. */
export interface JobRow {
	id: string;
	kind: string;
	owner: string;
	subject: string | null;
	idempotency_key: string | null;
	status: JobStatus;
	waits_for: WaitsFor | null;
	priority: number;
	run_at: number;
	input: string;
	output: string | null;
	error: string | null;
	price: number;
	held: number;
	charged: number;
	charge: ChargeMoment;
	running_per_owner: number | null;
	queue_timeout_ms: number;
	timeout_ms: number;
	attempt: number;
	claims: number;
	max_attempts: number;
	lease_token: string | null;
	lease_expires_at: number | null;
	deadline_at: number;
	progress: number | null;
	message: string | null;
	change: number;
	created_at: number;
	started_at: number | null;
	finished_at: number | null;
	retried_at: number | null;
	expected_steps: number | null;
	/** The change for which its event was sent last; for another one than `change` it still has to be. */
	sent_change: number | null;
	/** How often it was sent for that one. */
	sends: number | null;
	/** When to send it again, unless its run has begun by then. */
	send_at: number | null;
}

/** `change` is given where one of its steps' is later than its own. */
export function toJob(row: JobRow, change = row.change): Job {
	return {
		id: row.id,
		kind: row.kind,
		owner: row.owner,
		subject: row.subject,
		idempotencyKey: row.idempotency_key,
		status: row.status,
		waitsFor: row.waits_for,
		priority: row.priority,
		runAt: row.run_at,
		input: JSON.parse(row.input),
		output: row.output === null ? null : JSON.parse(row.output),
		error: row.error === null ? null : (JSON.parse(row.error) as Failure),
		price: row.price,
		held: row.held,
		charged: row.charged,
		charge: row.charge,
		runningPerOwner: row.running_per_owner,
		timeoutMs: row.timeout_ms,
		attempt: row.attempt,
		maxAttempts: row.max_attempts,
		leaseToken: row.lease_token,
		leaseExpiresAt: row.lease_expires_at,
		deadlineAt: row.deadline_at,
		expectedSteps: row.expected_steps,
		progress: row.progress,
		message: row.message,
		change,
		createdAt: row.created_at,
		startedAt: row.started_at,
		finishedAt: row.finished_at,
	};
}

export interface StepRow {
	name: string;
	position: number;
	status: StepStatus;
	attempts: number;
	output: string | null;
	error: string | null;
	preview: string | null;
	change: number;
	started_at: number;
	finished_at: number | null;
}

export function toStep(row: StepRow): Step {
	return {
		name: row.name,
		position: row.position,
		status: row.status,
		attempts: row.attempts,
		output: row.output === null ? null : JSON.parse(row.output),
		error: row.error === null ? null : (JSON.parse(row.error) as Failure),
		preview: row.preview,
		startedAt: row.started_at,
		finishedAt: row.finished_at,
	};
}

/** A row with the job's steps as one more column, in JSON: one statement reads the whole of a job. */
export interface JobRowWithSteps extends JobRow {
	steps: string;
}

type StepTuple = [
	string,
	number,
	StepStatus,
	number,
	string | null,
	string | null,
	string | null,
	number,
	number,
	number | null,
];

/** What the column of steps says. */
export function stepRowsOf(row: JobRowWithSteps): StepRow[] {
	const tuples = JSON.parse(row.steps) as StepTuple[];
	return tuples.map(([name, position, status, attempts, output, error, preview, change, started_at, finished_at]) => ({
		name,
		position,
		status,
		attempts,
		output,
		error,
		preview,
		change,
		started_at,
		finished_at,
	}));
}

export function fromRow(row: JobRowWithSteps): JobWithSteps {
	return toJobWithSteps(row, stepRowsOf(row));
}

/** A job's version is its latest change, be it in the job's row or in one of its steps'. */
export function toJobWithSteps(row: JobRow, stepRows: readonly StepRow[]): JobWithSteps {
	let change = row.change;
	for (const step of stepRows) if (step.change > change) change = step.change;
	return { job: toJob(row, change), steps: stepRows.map(toStep) };
}

export interface AssetRow {
	id: string;
	owner: string;
	content_type: string;
	size: number;
	width: number | null;
	height: number | null;
	blur: string | null;
	created_at: number;
	kept_at: number | null;
}

export function toAsset(row: AssetRow): Asset {
	return {
		id: row.id,
		owner: row.owner,
		contentType: row.content_type,
		size: row.size,
		width: row.width,
		height: row.height,
		blur: row.blur,
		createdAt: row.created_at,
		keptAt: row.kept_at,
	};
}

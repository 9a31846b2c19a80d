import type { Step } from "../core/job.ts";
import { isFinal } from "../core/status.ts";
import type { Operation, StepContext } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import { firstWait } from "./operation-pace.ts";

/** What is kept of an operation that was started: the result of its step `name:start`. Times in ms since 1970. */
export interface Started {
	readonly handle: unknown;
	readonly startedAt: number;
	/** The first look. */
	readonly nextAt: number;
	/** When the job's life began that it is part of: an owner's retry begins another. */
	readonly lifeAt: number;
}

/** What `name:start` does: its answer says all that a later attempt needs. */
export async function startOperation<Handle>(
	run: JobRun,
	operation: Operation<Handle, unknown>,
	step: StepContext,
): Promise<Started> {
	const { clock, random } = run.tools;
	const handle = await operation.start(step);
	if (run.interruption) await cancelIfEnded(run, () => operation.cancel?.(handle));
	const startedAt = clock.now();
	const nextAt = startedAt + firstWait(operation.every, random());
	return { handle, startedAt, nextAt, lifeAt: lifeOf(run) };
}

/** Whether it belongs to the job as it is now: after an owner's retry what an earlier life left is nobody's any more. */
export function isOfThisLife(run: JobRun, kept: Step): boolean {
	return kept.status !== "completed" || (kept.output as Started | null)?.lifeAt === lifeOf(run);
}

function lifeOf({ job }: JobRun): number {
	return job.startedAt ?? 0;
}

/** Nobody will ever know this handle: its job ended while the provider was asked. */
async function cancelIfEnded(run: JobRun, cancel: () => unknown): Promise<void> {
	try {
		const { job } = await run.tools.store.readJob(run.lease.owner, run.job.id);
		if (isFinal(job.status)) await cancel();
	} catch (error) {
		run.tools.logger.warn({ ...run.logFields, err: error as Error }, "operation not cancelled");
	}
}

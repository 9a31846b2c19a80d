import { systemDefer } from "../core/clock.ts";
import { DarkroomError } from "../core/errors.ts";
import type { JobWithSteps } from "../core/job.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { JobContext } from "./job-context.ts";
import { JobRun, type RunTools } from "./job-run.ts";
import { outsideOfAnyRequest } from "./running-step.ts";

/** No lease at all: whatever a job's code should try to write bounces. */
const noLease = "ended";

/**
 * Cancels the operations that an ended job has left with their providers. How that is done stands in the job's code, and what
 * it is done to in its rows; so the code is run once more, over what its steps have kept, in an attempt that has ended before
 * it began: nothing is done in it, nothing written, and it gets no further than its first steps that never completed.
 *
 * Resolves when the operations that were found have been told. Never rejects.
 */
export async function cancelAbandoned(
	tools: RunTools,
	definition: AnyJobDefinition,
	ended: JobWithSteps,
): Promise<void> {
	if (!ended.steps.some(({ name, status }) => status === "completed" && /:start(:\d+)?$/.test(name))) return;
	const { job, steps } = ended;
	const run = new JobRun(tools, definition, { job: { ...job, leaseToken: noLease }, steps });
	const detail = `Job ${job.id} has ended; its code only says how to cancel what it left.`;
	run.interrupt({ type: "aborted", reason: new DarkroomError("cancelled", { detail }) });
	const cancels: Promise<unknown>[] = [];
	run.onAbandoned = (cancel) => void cancels.push(tell(run, cancel));
	outsideOfAnyRequest(() => retrace(run));
	// What is kept is answered within this turn of the event loop, and with it all operations are found that wait for nothing else.
	await new Promise<void>((resolve) => systemDefer(resolve));
	await Promise.all(cancels);
}

async function tell(run: JobRun, cancel: () => unknown): Promise<void> {
	try {
		await cancel();
	} catch (error) {
		run.tools.logger.warn({ ...run.logFields, err: error as Error }, "operation not cancelled");
	}
}

/** How the code ends, if it does, says nothing: the job has ended. */
function retrace(run: JobRun): void {
	(async () => run.definition.run(new RetracedContext(run)))().catch(() => {});
}

/** As the code saw it while the job ran: one that asks whether it was aborted must not turn back before its operations. */
class RetracedContext extends JobContext {
	override get signal() {
		return new AbortController().signal;
	}
}

import { z } from "zod";

/** All that an event carries: the job is in our store. */
export interface JobEventData {
	readonly jobId: string;
	/** For Inngest's limits by owner. Whose the job is, our store knows. */
	readonly owner: string;
}

/** What starts a run. */
export function requestedEvent(kind: string): string {
	return `darkroom/${kind}.requested`;
}

/** What ends the run of a job that was ended here. */
export function cancelledEvent(kind: string): string {
	return `darkroom/${kind}.cancelled`;
}

/**
 * So often an event is sent under one id, which takes eight minutes by the default pauses. An Inngest that remembers the id
 * and has lost the run would drop it for a day; another id begins another run, and where the first one was only late, the
 * second finds nothing to do.
 */
const sendsOfAnId = 10;

/**
 * Names the wait of a job that an event is sent for: the same each time that it is sent, so Inngest begins one run.
 * @param sends how often it has been sent by then, this time included
 */
export function eventId(jobId: string, change: number, sends = 1): string {
	const renewed = Math.floor((sends - 1) / sendsOfAnId);
	return renewed === 0 ? `${jobId}.${change}` : `${jobId}.${change}.${renewed}`;
}

/** An event of ours as it comes back from Inngest, which may be anyone who knows the address. */
export const jobEvent = z.object({
	id: z.string().nullish(),
	data: z.object({ jobId: z.string(), owner: z.string() }),
});
export type JobEvent = z.infer<typeof jobEvent>;

/** What Inngest tells of runs, whichever app's they are. */
export const runCancelled = "inngest/function.cancelled";
export const runFailed = "inngest/function.failed";

/** What is told of a run of ours that has ended. */
export const endedEvent = z.object({ data: z.object({ run_id: z.string(), event: jobEvent }) });
/** And why it was given up, by the last of its errors. */
export const failedEvent = z.object({
	name: z.literal(runFailed),
	data: z.object({ error: z.object({ name: z.string(), message: z.string() }) }),
});

/** The change that an event was sent for; null where somebody else has sent it. */
export function dispatchOf({ id, data }: JobEvent): number | null {
	const [jobId, change] = (id ?? "").split(".");
	const isOurs = jobId === data.jobId && change !== undefined && /^\d+$/.test(change);
	return isOurs ? Number(change) : null;
}

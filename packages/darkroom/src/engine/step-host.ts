/**
 * A service that keeps track of a run beside our store, such as Inngest. It calls the run again and again, and each time
 * the job's code runs up to the next thing that takes time, which is carried out through the host. So a promise of a host
 * may stay open for ever in one call: its answer comes in a later one. Without a host everything is done here and now.
 */
export interface StepHost {
	/** Whether an earlier call has begun this attempt. */
	readonly isResumed: boolean;
	/** Carries out a step's work, now or in a later call. Rejects as the work does. */
	run<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
	/** Goes on at this time, ms since 1970. */
	sleepUntil(name: string, at: number): Promise<void>;
}

import { newLeaseToken } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Begun, Dispatch, DispatchTake, Run, RunEnd, Store, Submission } from "../../store/store.ts";
import type { StoreRig } from "./rig.testsuite.ts";

/** When an event is due again, in ms. */
export const firstMs = 1_000;
export const mostMs = 8_000;

/** A job in the hands of a run. */
export interface BegunRun {
	readonly run: Run;
	readonly job: Job;
}

/** What a dispatcher and the runs of a service ask of a store, in short words. */
export class RunRig {
	readonly #rig: StoreRig;

	constructor(rig: StoreRig) {
		this.#rig = rig;
	}

	take(given: Partial<DispatchTake> = {}, store: Store = this.#rig.store): Promise<Dispatch[]> {
		return store.takeDispatches({ kinds: ["draw"], limit: 100, now: this.#rig.now, firstMs, mostMs, ...given });
	}

	/** A run that the service has begun for an event, and that has not called yet. */
	runOf({ jobId, change }: Pick<Dispatch, "jobId" | "change">): Run {
		return { jobId, leaseToken: newLeaseToken(), dispatch: change };
	}

	/** The run of a job that was submitted and sent just now. */
	async sent(given: Partial<Submission> = {}): Promise<Run> {
		const { id } = await this.#rig.submit(given);
		return this.runFor(id);
	}

	/** The run for which the event of this job is sent now. */
	async runFor(jobId: string): Promise<Run> {
		const dispatches = await this.take({ kinds: ["draw", "write"] });
		const dispatch = dispatches.find((one) => one.jobId === jobId);
		if (!dispatch) throw new Error(`The event of job ${jobId} is not due.`);
		return this.runOf(dispatch);
	}

	begin(run: Run, leaseExpiresAt = this.#rig.now + 30_000, store: Store = this.#rig.store): Promise<Begun> {
		return store.beginRun({ ...run, leaseExpiresAt, now: this.#rig.now });
	}

	/** The job that this run gets now. */
	async begun(run: Run): Promise<Job> {
		const begun = await this.begin(run);
		if (begun.claimed === null) throw new Error(`The run did not begin: ${begun.reason}.`);
		return begun.claimed.job;
	}

	async running(given: Partial<Submission> = {}): Promise<BegunRun> {
		const run = await this.sent(given);
		return { run, job: await this.begun(run) };
	}

	/** One that has put its job to sleep for ten seconds. */
	async asleep(given: Partial<Submission> = {}): Promise<BegunRun> {
		const { run, job } = await this.running(given);
		await this.#rig.release(job, this.#rig.now + 10_000);
		return { run, job };
	}

	end(run: Run, as: RunEnd["as"] = "cancelled", due = 0, store: Store = this.#rig.store): Promise<Job | null> {
		return store.endRun({ ...run, as, due, now: this.#rig.now });
	}

	/** Why a run that wanted to begin has not. */
	async refused(run: Run): Promise<string> {
		const begun = await this.begin(run);
		return begun.claimed === null ? begun.reason : "it began";
	}
}

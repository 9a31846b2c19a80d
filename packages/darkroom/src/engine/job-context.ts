import type { RunContext } from "./context.ts";
import type { JobRun } from "./job-run.ts";
import { JobSteps } from "./job-steps.ts";

/** What the job's code sees; parts are made when they are first read. */
export class JobContext implements RunContext<unknown> {
	readonly #run: JobRun;
	readonly step: JobSteps;

	constructor(run: JobRun) {
		this.#run = run;
		this.step = new JobSteps(run);
	}

	get input(): unknown {
		return this.#run.job.input;
	}
	get job() {
		return this.#run.job;
	}
	get models() {
		return this.#run.models;
	}
	get assets() {
		return this.#run.assets;
	}
	get progress() {
		return this.#run.progress;
	}
	get signal() {
		return this.#run.signal;
	}
	get log() {
		return this.#run.log.bind(this.#run);
	}
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files } from "../assets/files.ts";
import { DarkroomError } from "../core/errors.ts";
import type { JobSnapshot } from "../core/job.ts";
import { isFinal } from "../core/status.ts";
import { createDarkroom, type DarkroomOptions } from "../create-darkroom.ts";
import type { Darkroom, JobRequest, SubmitRequest } from "../engine/darkroom.ts";
import type { JobDefinition } from "../engine/define-job.ts";
import { sqlite } from "../store/sqlite/index.ts";

/** As for `createDarkroom`, with defaults for everything but the jobs. */
export interface TestDarkroomOptions extends Partial<Omit<DarkroomOptions, "store" | "jobs">> {
	readonly jobs: DarkroomOptions["jobs"];
	/** Credits that whoever `run` submits for is given at first. Default 1,000. */
	readonly credits?: number;
}

/** A whole Darkroom for one test: nothing in it is a stand-in but the models. */
export interface TestDarkroom {
	readonly darkroom: Darkroom;
	/**
	 * Submits for `owner` (default `"tester"`) and resolves with the job when it is final, also when it failed.
	 * @throws as `Darkroom.submit`
	 */
	run<Kind extends string, Input, Output, Given>(
		definition: JobDefinition<Kind, Input, Output, Given>,
		request: Omit<SubmitRequest<Given>, "owner"> & { readonly owner?: string },
	): Promise<JobSnapshot<Kind, Output>>;
	/** Resolves with the job when it is final; at once when it is. @throws `not_found`, `stopped` */
	finish(request: JobRequest): Promise<JobSnapshot>;
	/** Stops it and removes all that it stored. Idempotent. */
	close(): Promise<void>;
}

/**
 * Starts a Darkroom on a SQLite file and an asset folder of its own, with placeholder models that answer at once:
 * what a job does in a test is what it does in the app.
 *
 *     const testing = await createTestDarkroom({ jobs: [plushie] });
 *     const job = await testing.run(plushie, { input: { photo } });
 *     expect(job.status).toBe("completed");
 *     await testing.close();
 *
 * With `clock: createManualClock()` waits and backoffs take no time: `await clock.until(testing.run(…))`.
 * @throws as `createDarkroom` and `Darkroom.start`
 */
export async function createTestDarkroom(options: TestDarkroomOptions): Promise<TestDarkroom> {
	const { credits = 1_000, ...rest } = options;
	const folder = await mkdtemp(join(tmpdir(), "darkroom-test-"));
	const store = sqlite(join(folder, "darkroom.db"));
	const darkroom = createDarkroom({ assets: files(join(folder, "assets")), ...rest, store });
	let closing: Promise<void> | undefined;

	async function close(): Promise<void> {
		await darkroom.stop({ graceMs: 0 });
		await rm(folder, { recursive: true, force: true });
	}

	try {
		await darkroom.start();
	} catch (error) {
		await close();
		throw error;
	}
	return {
		darkroom,
		async run(definition, { owner = "tester", ...request }) {
			await darkroom.grantCredits({ owner, amount: credits, key: "test" });
			const job = await darkroom.submit(definition, { ...request, owner });
			// The same job, of the same definition.
			return finish(darkroom, { viewer: owner, jobId: job.id }) as Promise<typeof job>;
		},
		finish: (request) => finish(darkroom, request),
		close() {
			closing ??= close();
			return closing;
		},
	};
}

function finish(darkroom: Darkroom, { viewer, jobId }: JobRequest): Promise<JobSnapshot> {
	return new Promise((resolve, reject) => {
		const look = (job: JobSnapshot) => {
			if (job.id !== jobId || !isFinal(job.status)) return;
			watch.stop();
			resolve(job);
		};
		const stopped = () => {
			reject(new DarkroomError("stopped", { detail: `Darkroom stopped before job ${jobId} was final.` }));
		};
		const watch = darkroom.watch({ viewer, onJob: look, onEnd: stopped });
		// A watcher is shown what is active; what ended before it began is read.
		watch.ready
			.then(() => darkroom.getJob({ viewer, jobId }))
			.then(look, (error: unknown) => {
				watch.stop();
				reject(error);
			});
	});
}

import type { Clock } from "../core/clock.ts";
import { toMs } from "../core/duration.ts";
import { DarkroomError, toFailure } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { Models } from "../models/models.ts";
import type { Store } from "../store/store.ts";
import type { AssetLibrary } from "./asset-library.ts";
import type { Darkroom } from "./darkroom.ts";
import type { AnyJobDefinition, JobDefinition } from "./define-job.ts";
import { createEmbeddedEngine } from "./embedded/embedded-engine.ts";
import type { EmbeddedOptions } from "./embedded/options.ts";
import { createExecutor } from "./executor.ts";
import { createHistory } from "./history.ts";
import { createJobService } from "./job-service.ts";
import { StartNotes } from "./running-step.ts";
import { createWatchHub } from "./watch-hub.ts";

const statementLength = 50;
const defaultGraceMs = 10_000;

export interface RuntimeOptions {
	readonly jobs: readonly AnyJobDefinition[];
	readonly store: Store;
	readonly library: AssetLibrary;
	readonly models: Models;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly uploadLimitBytes: number;
	readonly engine: EmbeddedOptions;
	/** A chance in [0, 1). Default `Math.random`. */
	readonly random?: () => number;
}

/** Puts the parts together, and opens and closes them in the right order. */
export function createRuntime(options: RuntimeOptions): Darkroom {
	const { store, library, models, clock, logger } = options;
	const definitions = new Map<string, AnyJobDefinition>();
	define(options.jobs);
	const history = createHistory(store, clock, logger);
	const executor = createExecutor({
		store,
		models,
		clock,
		logger,
		definitions,
		startNotes: new StartNotes(),
		random: options.random ?? Math.random,
		longWaitMs: toMs(options.engine.longWait ?? "5s"),
		assetsOf: ({ owner }, onSaved) => library.forJob({ owner, onSaved }),
		onCompleted: history.add,
		onFailed,
	});
	const engine = createEmbeddedEngine({
		store,
		executor,
		clock,
		logger,
		kinds: () => [...definitions.keys()],
		sweepOrphans,
		settings: options.engine,
	});
	const jobs = createJobService({ store, clock, history, definitions, offers: engine.workers });
	const hub = createWatchHub({ store, logger, toSnapshot: jobs.snapshot });
	let started: Promise<void> | undefined;
	let stopped: Promise<void> | undefined;

	function define(added: readonly AnyJobDefinition[]): void {
		for (const definition of added) definitions.set(definition.kind, definition);
	}

	async function onFailed(ended: Job, definition: AnyJobDefinition): Promise<void> {
		const { job, steps } = await store.readJob(ended.owner, ended.id);
		const completed = steps.filter((step) => step.status === "completed");
		const { code, message, retryable } = job.error ?? toFailure(undefined);
		await definition.onFailure?.({
			job: await jobs.snapshot({ job, steps }),
			input: job.input,
			error: new DarkroomError(code, { detail: message, retryable }),
			results: Object.fromEntries(completed.map((step) => [step.name, step.output])),
			assets: library.forJob({ owner: job.owner, onSaved: () => {} }),
			log: (text, fields) => logger.info({ jobId: job.id, kind: job.kind, ...fields }, text),
		});
	}

	async function sweepOrphans(olderThanMs: number): Promise<void> {
		try {
			const removed = await library.sweepOrphans(olderThanMs);
			if (removed > 0) logger.info({ removed }, "unused uploads removed");
		} catch (error) {
			logger.error({ err: error as Error }, "could not sweep unused uploads");
		}
	}

	async function open(): Promise<void> {
		await store.open();
		await history.load(definitions.keys());
		engine.start();
		logger.info({ store: store.name, kinds: [...definitions.keys()].join(" ") }, "darkroom started");
	}

	async function close(graceMs: number): Promise<void> {
		hub.close();
		await started?.catch(() => {});
		await engine.stop(graceMs);
		await store.close();
		logger.info({}, "darkroom stopped");
	}

	function start(): Promise<void> {
		if (stopped) return Promise.reject(new DarkroomError("stopped", { detail: "Darkroom is shutting down." }));
		started ??= open().catch((error: unknown) => {
			// The next call tries again: a store that is away now may be back then.
			started = undefined;
			throw error;
		});
		return started;
	}

	return {
		async submit<Kind extends string, Input, Output, Given>(
			definition: JobDefinition<Kind, Input, Output, Given> | Kind,
			request: Parameters<Darkroom["submit"]>[1],
		) {
			await start();
			const kind = typeof definition === "string" ? definition : definition.kind;
			// The snapshot's output is what this definition's own schema let through.
			return (await jobs.submit(kind, request)) as never;
		},
		getJob: jobs.get,
		listJobs: jobs.list,
		cancelJob: jobs.cancel,
		async retryJob(request) {
			await start();
			return jobs.retry(request);
		},
		clearSubject: jobs.clear,
		async deleteJob(request) {
			for (const assetId of await jobs.remove(request)) {
				await library.remove(request.viewer, assetId).catch((error: unknown) => {
					logger.warn({ jobId: request.jobId, err: error as Error }, "an asset of a deleted job stays");
				});
			}
		},
		getActivity: jobs.activity,
		watch: hub.watch,
		getBalance: (viewer) => store.readBalance(viewer),
		grantCredits: (grant) => store.grantCredits({ ...grant, now: clock.now() }),
		listEntries: (viewer, limit = statementLength) => store.listEntries(viewer, limit),
		transferOwner: (transfer) => store.transferOwner({ ...transfer, now: clock.now() }),
		uploadAsset: library.upload,
		getAsset: library.get,
		openAsset: library.open,
		definitions,
		define,
		models: models.describe(),
		uploadLimitBytes: options.uploadLimitBytes,
		start,
		stop({ graceMs = defaultGraceMs } = {}) {
			stopped ??= close(graceMs);
			return stopped;
		},
		async tick(budgetMs) {
			await start();
			return engine.tick(budgetMs);
		},
	};
}

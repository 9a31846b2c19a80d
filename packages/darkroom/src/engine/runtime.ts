import { type Clock, type Defer, systemDefer } from "../core/clock.ts";
import { toMs } from "../core/duration.ts";
import { DarkroomError } from "../core/errors.ts";
import { type Ids, systemIds } from "../core/ids.ts";
import type { JobSnapshot } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { Models } from "../models/models.ts";
import type { Store } from "../store/store.ts";
import { cancelAbandoned } from "./abandoned.ts";
import type { AssetLibrary } from "./asset-library.ts";
import { Cleanup } from "./cleanup.ts";
import type { Darkroom, JobRequest, ListRequest, SubmitRequest, WatchRequest } from "./darkroom.ts";
import type { AnyJobDefinition, JobDefinition } from "./define-job.ts";
import type { Engine, EngineChoice } from "./engine.ts";
import { createExecutor } from "./executor.ts";
import { createHistory, type History } from "./history.ts";
import type { RunTools } from "./job-run.ts";
import { createJobService, type JobService } from "./job-service.ts";
import { StartNotes } from "./running-step.ts";
import { StoreOutage } from "./store-outage.ts";
import { WatchHub } from "./watch-hub.ts";

const statementLength = 50;
const defaultGraceMs = 10_000;

export interface RuntimeOptions {
	readonly jobs: readonly AnyJobDefinition[];
	readonly store: Store;
	readonly library: AssetLibrary;
	readonly models: Models;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Bytes. */
	readonly uploadLimitBytes: number;
	readonly engine: EngineChoice;
	/** A chance in [0, 1). Default `Math.random`. */
	readonly random?: () => number;
	/** Default: the machine's. */
	readonly defer?: Defer;
	/** Default: the machine's. */
	readonly ids?: Ids;
}

/** Puts the parts together, and opens and closes them in the right order. */
export class Runtime implements Darkroom {
	readonly definitions = new Map<string, AnyJobDefinition>();
	readonly #options: RuntimeOptions;
	readonly #history: History;
	readonly #engine: Engine;
	readonly #jobs: JobService;
	readonly #hub: WatchHub;
	readonly #cleanup: Cleanup;
	#started: Promise<void> | undefined;
	#isOpen = false;
	#stopped: Promise<void> | undefined;

	constructor(options: RuntimeOptions) {
		const { store, library, models, clock, logger, engine, defer = systemDefer, ids = systemIds } = options;
		this.#options = options;
		this.define(options.jobs);
		const history = createHistory(store, clock, logger);
		const { definitions } = this;
		const outage = new StoreOutage(clock, logger);
		const tools: RunTools = {
			store,
			models,
			clock,
			logger,
			outage,
			startNotes: new StartNotes(defer),
			confirmLeases: () => this.#engine.confirmLeases(),
			random: options.random ?? Math.random,
			longWaitMs: toMs(engine.longWait),
			assetsOf: (job, onSaved) => library.forJob({ owner: job.lease.owner, job, onSaved }),
		};
		const executor = createExecutor({ ...tools, definitions, onCompleted: history.add });
		const sweepOrphans = (olderThanMs: number) => this.#sweepOrphans(olderThanMs);
		this.#history = history;
		const parts = { darkroom: this, store, executor, clock, logger, outage, ids, definitions, sweepOrphans };
		this.#engine = engine.create(parts);
		this.#jobs = createJobService({ store, clock, logger, history, definitions, offers: this.#engine.offers, ids });
		const toSnapshot = this.#jobs.snapshot;
		this.#hub = new WatchHub({ store, logger, outage, defer, toSnapshot });
		const assetsOf = (owner: string) => library.forJob({ owner, onSaved: () => {} });
		this.#cleanup = new Cleanup({
			store,
			clock,
			logger,
			definitions,
			assetsOf,
			toSnapshot,
			cancelAbandoned: (definition, ended) => cancelAbandoned(tools, definition, ended),
		});
		store.onChange((changes) => this.#cleanup.onChange(changes));
	}

	get models() {
		return this.#options.models.describe();
	}

	get uploadLimitBytes() {
		return this.#options.uploadLimitBytes;
	}

	get uploadMinSidePixels() {
		return this.#options.library.uploadMinSidePixels;
	}

	readUploadTypes() {
		return this.#options.library.uploadTypes();
	}

	define(definitions: readonly AnyJobDefinition[]): void {
		const kinds = new Set<string>();
		for (const definition of definitions) {
			if (kinds.has(definition.kind)) {
				throw new DarkroomError("misconfigured", { detail: `Two definitions have the kind "${definition.kind}".` });
			}
			kinds.add(definition.kind);
			this.definitions.set(definition.kind, definition);
		}
	}

	submit<Kind extends string, Input, Output, Given>(
		definition: JobDefinition<Kind, Input, Output, Given> | Kind,
		request: SubmitRequest<Given>,
	): Promise<JobSnapshot<Kind, Output>> {
		if (!this.#isOpen) return this.start().then(() => this.submit(definition, request));
		const kind = typeof definition === "string" ? definition : definition.kind;
		// Of this kind, with an output that this definition's own schema lets through.
		return this.#jobs.submit(kind, request) as Promise<JobSnapshot<Kind, Output>>;
	}

	getJob(request: JobRequest) {
		return this.#jobs.get(request);
	}

	listJobs(request: ListRequest) {
		return this.#jobs.list(request);
	}

	cancelJob(request: JobRequest) {
		return this.#jobs.cancel(request);
	}

	async retryJob(request: JobRequest) {
		if (!this.#isOpen) await this.start();
		return this.#jobs.retry(request);
	}

	clearSubject(request: { readonly viewer: string; readonly subject: string }) {
		return this.#jobs.clear(request);
	}

	async deleteJob(request: JobRequest): Promise<void> {
		const { library, logger } = this.#options;
		for (const assetId of await this.#jobs.remove(request)) {
			await library.remove(request.viewer, assetId).catch((error: unknown) => {
				logger.warn({ jobId: request.jobId, err: error as Error }, "an asset of a deleted job stays");
			});
		}
	}

	getActivity(request: { readonly viewer: string; readonly kind: string }) {
		return this.#jobs.activity(request);
	}

	watch(request: WatchRequest) {
		return this.#hub.watch(request);
	}

	getBalance(viewer: string) {
		return this.#options.store.readBalance(viewer);
	}

	grantCredits(grant: { readonly owner: string; readonly amount: number; readonly key: string }) {
		return this.#options.store.grantCredits({ ...grant, now: this.#options.clock.now() });
	}

	listEntries(viewer: string, limit = statementLength) {
		return this.#options.store.listEntries(viewer, limit);
	}

	async transferOwner(transfer: { readonly from: string; readonly to: string }) {
		await this.#options.store.transferOwner({ ...transfer, now: this.#options.clock.now() });
		this.#hub.endOf(transfer.from);
	}

	uploadAsset(upload: Parameters<Darkroom["uploadAsset"]>[0]) {
		return this.#options.library.upload(upload);
	}

	getAsset(viewer: string, assetId: string) {
		return this.#options.library.get(viewer, assetId);
	}

	openAsset(request: Parameters<Darkroom["openAsset"]>[0]) {
		return this.#options.library.open(request);
	}

	start(): Promise<void> {
		if (this.#stopped) {
			return Promise.reject(
				new DarkroomError("stopped", { detail: "Darkroom is shutting down. Try again in a moment." }),
			);
		}
		this.#started ??= this.#open().catch((error: unknown) => {
			// The next call tries again: a store that is away now may be back then.
			this.#started = undefined;
			throw error;
		});
		return this.#started;
	}

	stop({ graceMs = defaultGraceMs }: { readonly graceMs?: number } = {}): Promise<void> {
		this.#stopped ??= this.#close(graceMs);
		return this.#stopped;
	}

	async tick(budgetMs: number) {
		await this.start();
		return this.#engine.tick(budgetMs);
	}

	async #open(): Promise<void> {
		const { store, logger } = this.#options;
		await store.open();
		await this.#history.load(this.definitions.keys());
		this.#engine.start();
		this.#isOpen = true;
		logger.info(
			{ store: store.name, engine: this.#options.engine.name, kinds: [...this.definitions.keys()].join(" ") },
			"darkroom started",
		);
	}

	async #close(graceMs: number): Promise<void> {
		const { store, logger } = this.#options;
		this.#isOpen = false;
		this.#hub.close();
		await this.#started?.catch(() => {});
		await this.#engine.stop(graceMs);
		await this.#cleanup.idle(graceMs);
		await store.close();
		logger.info({}, "darkroom stopped");
	}

	async #sweepOrphans(olderThanMs: number): Promise<void> {
		const { library, logger } = this.#options;
		try {
			const removed = await library.sweepOrphans(olderThanMs);
			if (removed > 0) logger.info({ removed }, "unused uploads removed");
		} catch (error) {
			logger.error({ err: error as Error }, "could not sweep unused uploads");
		}
	}
}

import type { AssetStore } from "./assets/asset-store.ts";
import { type Images, uploadLimitBytes } from "./assets/images.ts";
import { noAssets } from "./assets/no-assets.ts";
import { sharpImages } from "./assets/sharp.ts";
import { checkOptions } from "./check-options.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { type Logger, silentLogger } from "./core/logger.ts";
import { createAssetLibrary } from "./engine/asset-library.ts";
import type { Darkroom } from "./engine/darkroom.ts";
import type { AnyJobDefinition } from "./engine/define-job.ts";
import { embeddedEngine } from "./engine/embedded/embedded-engine.ts";
import type { EmbeddedOptions } from "./engine/embedded/options.ts";
import type { EngineChoice } from "./engine/engine.ts";
import { Runtime } from "./engine/runtime.ts";
import type { ModelsConfig } from "./models/create-models.ts";
import type { Models } from "./models/models.ts";
import { modelsFrom } from "./models/models-from.ts";
import type { Store } from "./store/store.ts";

export interface DarkroomOptions {
	readonly jobs: readonly AnyJobDefinition[];
	/** Rows: `sqlite("./.data/darkroom.db")` from `darkroom/sqlite`. */
	readonly store: Store;
	/** Bytes: `files("./.data/assets")` from `darkroom/assets/files`. Default: none, for jobs without pictures. */
	readonly assets?: AssetStore;
	/**
	 * Who serves each role: `{ prompt: "openai:gpt-6-luna", image: "google:…" }`, with the keys from the vendors' variables
	 * (`OPENAI_API_KEY`) unless they are given here; or what `darkroom/models` made. Default: placeholder models.
	 */
	readonly models?: Models | ModelsConfig;
	/** Default: `embedded()`, in this process. Or `inngest({ client })` from `darkroom/inngest`. */
	readonly engine?: EmbeddedOptions | EngineChoice;
	/** Default: sharp, loaded when the first picture comes. */
	readonly images?: Images;
	/** Default: silent. A pino logger is one. */
	readonly logger?: Logger;
	readonly clock?: Clock;
	/** Default 10 MB. */
	readonly uploadLimitBytes?: number;
	/**
	 * Pixels that the shortest side of an upload needs; what a job saves may be smaller. Default 1, any picture: how small is too
	 * small depends on what is made of it.
	 */
	readonly uploadMinSidePixels?: number;
}

/**
 * Darkroom, put together. Nothing is opened before `start`, the first submit, or the first question, so it may
 * stand in a module that is imported while an app is built.
 * @throws `misconfigured` for an option that is wrong, missing or unknown, and for two definitions of one kind.
 */
export function createDarkroom(options: DarkroomOptions): Darkroom {
	checkOptions(options);
	const { store, jobs } = options;
	const clock = options.clock ?? systemClock;
	const logger = options.logger ?? silentLogger;
	const limit = options.uploadLimitBytes ?? uploadLimitBytes;
	const library = createAssetLibrary({
		store,
		assets: options.assets ?? noAssets,
		images: options.images ?? sharpImages(),
		clock,
		logger,
		uploadLimitBytes: limit,
		...(options.uploadMinSidePixels !== undefined && { uploadMinSidePixels: options.uploadMinSidePixels }),
	});
	return new Runtime({
		jobs,
		store,
		library,
		models: modelsFrom(options.models, process.env),
		clock,
		logger,
		uploadLimitBytes: limit,
		engine: isChoice(options.engine) ? options.engine : embeddedEngine(options.engine ?? {}),
	});
}

function isChoice(engine: EmbeddedOptions | EngineChoice | undefined): engine is EngineChoice {
	return engine !== undefined && "create" in engine;
}

/** The engine that needs no server: jobs run in this process. */
export function embedded(options: EmbeddedOptions = {}): EmbeddedOptions {
	return options;
}

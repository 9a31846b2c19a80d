import type { AssetStore } from "./assets/asset-store.ts";
import type { Images } from "./assets/images.ts";
import type { Clock } from "./core/clock.ts";
import type { Logger } from "./core/logger.ts";
import type { AnyJobDefinition } from "./engine/define-job.ts";
import type { Models } from "./models/models.ts";
import type { Store } from "./store/store.ts";

export interface DarkroomOptions {
	readonly jobs: readonly AnyJobDefinition[];
	/** Rows: `sqlite("./.data/darkroom.db")` from `darkroom/sqlite`. */
	readonly store: Store;
	/** Bytes: `files("./.data/assets")` from `darkroom/assets/files`. */
	readonly assets?: AssetStore;
	/** `createModels({ prompt: "openai:…", … })` from `darkroom/models`. Default: placeholder models. */
	readonly models?: Models;
	/** Default: sharp, loaded when the first picture comes. */
	readonly images?: Images;
	/** Default: silent. A pino logger is one. */
	readonly logger?: Logger;
	readonly clock?: Clock;
	/** Default 10 MB. */
	readonly uploadLimitBytes?: number;
}

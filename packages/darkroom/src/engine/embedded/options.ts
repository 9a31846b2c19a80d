import type { Duration } from "../../core/duration.ts";

export interface EmbeddedOptions {
	/** Jobs that run at once in this process. Default 50: they mostly wait for models. 0 for a process that only submits. */
	readonly concurrency?: number;
	/** How long a claim holds without a sign of life. Default `"30s"`; extended every third of it. */
	readonly lease?: Duration;
	/** How often the sweeper looks, at the least. Default `"1s"`. */
	readonly sweepEvery?: Duration;
	/** A wait inside a job at least this long gives its place to another job meanwhile. Default `"5s"`. */
	readonly longWait?: Duration;
	/** How long an upload may stay unused before it is removed. Default `"24h"`. */
	readonly keepUploads?: Duration;
}

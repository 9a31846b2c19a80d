import type { Inngest } from "inngest";
import type { Duration } from "../../core/duration.ts";

export interface InngestOptions {
	/** The app's own client, of the package `inngest`: its id, keys and addresses are Inngest's business. */
	readonly client: Inngest.Any;
	/**
	 * How long a run holds its job without a sign of life. Default `"1m"`: longer than Inngest waits before it calls again
	 * after a crash of the app (15 to 45 s), so that its own next call finds the job where it was.
	 */
	readonly lease?: Duration;
	/** How often the sweeper looks, and the outbox with it, at the least. Default `"1s"`. */
	readonly sweepEvery?: Duration;
	/** A wait inside a job at least this long is waited by Inngest, and gives its owner's place to another job. Default `"5s"`. */
	readonly longWait?: Duration;
	/** How long an upload may stay unused before it is removed. Default `"24h"`. */
	readonly keepUploads?: Duration;
	/**
	 * How long steps may follow each other within one call of the app; then Inngest calls anew. Default `"50s"`: keep it below
	 * the longest request that the host allows. One step may take longer than that.
	 */
	readonly maxRuntime?: Duration;
	/** When an event whose run has not begun is sent again, at first; then twice that and so on, at most a minute. Default `"10s"`. */
	readonly resendAfter?: Duration;
}

import type { JobWithSteps } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import { wholeCredits } from "../credits/settlement.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { resultsOf } from "./results.ts";

/**
 * What a job that is cancelled has delivered by now, in credits. A step that completes between this look and the cancel is the owner's gain, and so is a
 * count that fails.
 */
export function deliveredBy(
	{ job, steps }: JobWithSteps,
	definitions: ReadonlyMap<string, AnyJobDefinition>,
	logger: Logger,
): number {
	const { delivered } = definitions.get(job.kind) ?? {};
	if (!delivered) return 0;
	try {
		return wholeCredits(delivered({ input: job.input, results: resultsOf(steps) }), job.price);
	} catch (error) {
		logger.error({ jobId: job.id, kind: job.kind, err: error as Error }, "could not tell what was delivered");
		return 0;
	}
}

import { describe } from "vitest";
import type { LivingInngest } from "../../../testing/inngest-process.testsuite.ts";
import { describeEnds } from "./ends.testsuite.ts";
import { describeFaults } from "./faults.testsuite.ts";
import { ServerRig } from "./rig.testsuite.ts";
import { describeRuns } from "./runs.testsuite.ts";

export interface ServerSuiteOptions {
	/** Whether the server may be killed: one that somebody else has started may not. */
	readonly canKill: boolean;
	/** The most that a test may take, in ms: a server with its usual settings calls again after 15 to 45 s. */
	readonly timeout: number;
}

/**
 * What Darkroom promises on a server of Inngest, by the machine's time, since no server lets its own be moved. The engines'
 * suite goes further, and needs a clock to move by hand: that is why it runs on the tests' own server.
 */
export function describeInngestServer(
	name: string,
	open: () => Promise<LivingInngest>,
	{ canKill, timeout }: ServerSuiteOptions,
): void {
	describe(name, { timeout }, () => {
		const rig = ServerRig.use(open);
		describeRuns(rig);
		describeEnds(rig);
		describeFaults(rig, canKill);
	});
}

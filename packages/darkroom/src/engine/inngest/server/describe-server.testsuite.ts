import { describe } from "vitest";
import type { LivingInngest } from "../../../testing/inngest-process.testsuite.ts";
import { describeEngine } from "../../engine.testsuite.ts";
import { describeMap } from "../../suite/map.testsuite.ts";
import { Rig } from "../../suite/rig.testsuite.ts";
import { describeTransfer } from "../../suite/transfer.testsuite.ts";
import { describeEnds } from "./ends.testsuite.ts";
import { describeFaults } from "./faults.testsuite.ts";
import { createLivingEngine } from "./living-engine.testsuite.ts";
import { ServerRig } from "./rig.testsuite.ts";
import { describeRuns } from "./runs.testsuite.ts";

/** Of a test's time, what is not left to any one wait in it. */
const sparedMs = 10_000;

export interface ServerSuiteOptions {
	/** Whether the server may be killed: one that somebody else has started may not. */
	readonly canKill: boolean;
	/** The most that a test may take, in ms: a server with its usual settings calls again after 15 to 45 s. */
	readonly timeout: number;
	/** Whether the whole of the engines' suite runs on it, which waits for eight minutes, or just enough to see that it can. */
	readonly isWhole: boolean;
}

/**
 * What Darkroom promises on a server of Inngest, by the machine's time, since no server lets its own be moved: the engines'
 * suite, which waits for what it has come by itself elsewhere, and what only a server shows that is a process of its own.
 */
export function describeInngestServer(
	name: string,
	open: () => Promise<LivingInngest>,
	{ canKill, timeout, isWhole }: ServerSuiteOptions,
): void {
	describe(name, { timeout }, () => {
		const rig = ServerRig.use(open);
		describeRuns(rig);
		describeEnds(rig);
		describeFaults(rig, canKill);
		const create = createLivingEngine(() => rig.server.url, timeout - sparedMs);
		if (isWhole) {
			describeEngine("as an engine", create, { hasPlaces: false, histories: 3 });
			return;
		}
		describe("as an engine", () => {
			// They meet all of its parts: waits, crashes, several processes, and what no machine's time has room for.
			describeMap(() => Rig.use(create));
			describeTransfer(() => Rig.use(create));
		});
	});
}

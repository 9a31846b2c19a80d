import { describe } from "vitest";
import { describeCredits } from "./suite/credits.testsuite.ts";
import { describeEndings } from "./suite/endings.testsuite.ts";
import { describeMap } from "./suite/map.testsuite.ts";
import { describeOnFailure } from "./suite/on-failure.testsuite.ts";
import { describeProgress } from "./suite/progress.testsuite.ts";
import { describeQueue } from "./suite/queue.testsuite.ts";
import type { CreateEngine } from "./suite/rig.testsuite.ts";
import { describeSteps } from "./suite/steps.testsuite.ts";
import { describeWaits } from "./suite/waits.testsuite.ts";
import { describeWatch } from "./suite/watch.testsuite.ts";

/** What every engine promises, on a real database. An engine's own test names it, makes it, and adds what is its alone. */
export function describeEngine(name: string, create: CreateEngine): void {
	describe(name, () => {
		describeSteps(create);
		describeWaits(create);
		describeMap(create);
		describeEndings(create);
		describeOnFailure(create);
		describeCredits(create);
		describeQueue(create);
		describeProgress(create);
		describeWatch(create);
	});
}

import { describe } from "vitest";
import { describeCredits } from "./suite/credits.testsuite.ts";
import type { CreateDatabase } from "./suite/databases.testsuite.ts";
import { describeEndings } from "./suite/endings.testsuite.ts";
import { describeMap } from "./suite/map.testsuite.ts";
import { describeOnFailure } from "./suite/on-failure.testsuite.ts";
import { describeOperation } from "./suite/operation.testsuite.ts";
import { describeProgress } from "./suite/progress.testsuite.ts";
import { describeQueue } from "./suite/queue.testsuite.ts";
import { type CreateEngine, Rig } from "./suite/rig.testsuite.ts";
import { describeSteps } from "./suite/steps.testsuite.ts";
import { describeTransfer } from "./suite/transfer.testsuite.ts";
import { describeWaits } from "./suite/waits.testsuite.ts";
import { describeWatch } from "./suite/watch.testsuite.ts";

export interface EngineSuiteOptions {
	/** What each test runs on. Default: a SQLite file. */
	readonly createDatabase?: CreateDatabase;
	/** Histories made up for each property, each on a database of its own. Default 80. */
	readonly histories?: number;
	/** Whether a process has a number of places, for which jobs queue here. Default: true. */
	readonly hasPlaces?: boolean;
}

/** What every engine promises, on a real database. An engine's own test names it, makes it, and adds what is its alone. */
export function describeEngine(
	name: string,
	create: CreateEngine,
	{ createDatabase, histories = 80, hasPlaces = true }: EngineSuiteOptions = {},
): void {
	const createRig = () => Rig.use(create, createDatabase);
	describe(name, () => {
		describeSteps(createRig);
		describeWaits(createRig);
		describeMap(createRig);
		describeOperation(createRig);
		describeEndings(createRig);
		describeOnFailure(createRig);
		describeCredits(createRig);
		describeQueue(createRig, hasPlaces);
		describeProgress(createRig);
		describeTransfer(createRig);
		describeWatch(createRig, histories);
	});
}

import { describe } from "vitest";
import { describeAdmission } from "./store/admission.testsuite.ts";
import { describeAdmissionRaces } from "./store/admission-races.testsuite.ts";
import { describeAssets } from "./store/assets.testsuite.ts";
import { describeChanges } from "./store/changes.testsuite.ts";
import { describeClaims } from "./store/claims.testsuite.ts";
import { describeCredits } from "./store/credits.testsuite.ts";
import { describeDispatches } from "./store/dispatches.testsuite.ts";
import { describeDurability } from "./store/durability.testsuite.ts";
import { describeEndings } from "./store/endings.testsuite.ts";
import { describeLeases } from "./store/leases.testsuite.ts";
import { describeOwnerRequests } from "./store/owner-requests.testsuite.ts";
import { describePlaces } from "./store/places.testsuite.ts";
import { describeProperties } from "./store/properties.testsuite.ts";
import { describeReads } from "./store/reads.testsuite.ts";
import type { CreateStore } from "./store/rig.testsuite.ts";
import { describeRunEnds } from "./store/run-ends.testsuite.ts";
import { describeRunRaces } from "./store/run-races.testsuite.ts";
import { describeRuns } from "./store/runs.testsuite.ts";
import { describeSteps } from "./store/steps.testsuite.ts";
import { describeSweep } from "./store/sweep.testsuite.ts";
import { describeTransfer } from "./store/transfer.testsuite.ts";

/**
 * What every store guarantees, on a real database: a store passes all of it or is none. `create` gives an empty
 * database of its own for each test.
 */
export function describeStore(name: string, create: CreateStore): void {
	describe(name, () => {
		describeAdmission(create);
		describeAdmissionRaces(create);
		describeClaims(create);
		describePlaces(create);
		describeLeases(create);
		describeSteps(create);
		describeEndings(create);
		describeOwnerRequests(create);
		describeSweep(create);
		describeDispatches(create);
		describeRuns(create);
		describeRunEnds(create);
		describeRunRaces(create);
		describeReads(create);
		describeChanges(create);
		describeCredits(create);
		describeAssets(create);
		describeTransfer(create);
		describeDurability(create);
		describeProperties(create);
	});
}

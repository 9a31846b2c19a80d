import { findInngest, howToGetInngest } from "../../../testing/find-inngest.testsuite.ts";
import { openInngest, openPlayedInngest } from "../../../testing/inngest-process.testsuite.ts";
import { describeInngestServer } from "./describe-server.testsuite.ts";

/** `npm run test:inngest` asks for a server of Inngest's own; else it is the tests' one, which every machine has. */
if (process.env.TEST_INNGEST === "real") {
	const found = findInngest(process.env);
	if (!found) throw new Error(howToGetInngest);
	const canKill = "program" in found;
	describeInngestServer("Inngest's server", () => openInngest(found), { canKill, timeout: 120_000 });
} else {
	describeInngestServer("the tests' server", openPlayedInngest, { canKill: true, timeout: 40_000 });
}

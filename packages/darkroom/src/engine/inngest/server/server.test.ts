import { findInngest, howToGetInngest } from "../../../testing/find-inngest.testsuite.ts";
import { openInngest, openPlayedInngest } from "../../../testing/inngest-process.testsuite.ts";
import { describeInngestServer } from "./describe-server.testsuite.ts";

/** `npm run test:inngest` asks for a server of Inngest's own; else it is the tests' one, which every machine has. */
const asked = process.env.TEST_INNGEST;
if (asked === "real") {
	const found = findInngest(process.env);
	if (!found) throw new Error(howToGetInngest);
	const canKill = "program" in found;
	describeInngestServer("Inngest's server", () => openInngest(found), { canKill, timeout: 120_000, isWhole: true });
} else {
	const options = { canKill: true, timeout: 60_000, isWhole: asked === "played" };
	describeInngestServer("the tests' server", openPlayedInngest, options);
}

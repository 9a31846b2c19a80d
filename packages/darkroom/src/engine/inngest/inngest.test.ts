import { describeEngine } from "../engine.testsuite.ts";
import { createInngest } from "./create-inngest.testsuite.ts";

describeEngine("inngest", createInngest(), { hasPlaces: false, histories: 20 });
describeEngine("inngest, a call for each step", createInngest({ checkpointing: false }), {
	hasPlaces: false,
	histories: 20,
});

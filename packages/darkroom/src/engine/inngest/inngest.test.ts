import { describeEngine } from "../engine.testsuite.ts";
import { createInngest } from "./create-inngest.testsuite.ts";

describeEngine("inngest", createInngest(), { hasPlaces: false, histories: 10 });

import { describeEngine } from "../engine.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

describeEngine("embedded", createEmbedded);

import { createDarkroom } from "../../create-darkroom.ts";
import type { CreateEngine } from "../suite/rig.testsuite.ts";

export const createEmbedded: CreateEngine = ({ concurrency, leaseMs, ...options }) =>
	createDarkroom({ ...options, engine: { concurrency, lease: leaseMs } });

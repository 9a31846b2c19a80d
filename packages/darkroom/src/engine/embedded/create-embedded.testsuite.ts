import { createDarkroom } from "../../create-darkroom.ts";
import type { CreateEngine } from "../suite/rig.testsuite.ts";

export const createEmbedded: CreateEngine = () => ({
	attemptAfterCrash: 2,
	open: ({ concurrency, leaseMs, ...options }) => ({
		darkroom: createDarkroom({ ...options, engine: { concurrency, lease: leaseMs } }),
	}),
});

import { DarkroomError } from "../core/errors.ts";
import type { AssetStore } from "./asset-store.ts";

async function refuse(): Promise<never> {
	throw new DarkroomError("misconfigured", {
		detail: 'No place for assets is configured. Give createDarkroom({ assets: files("./.data/assets") }) or another.',
	});
}

/** Stands where an app configured no asset store: for jobs that have no pictures. */
export const noAssets: AssetStore = { name: "none", put: refuse, get: refuse, delete: async () => {} };

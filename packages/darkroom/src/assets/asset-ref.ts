import { z } from "zod";

/** The schema of a reference to an asset, for a definition's input and output: its id. */
export const assetRef = z
	.string()
	.regex(/^[0-9a-hjkmnp-tv-z]{22}$/, "Not the id of an uploaded asset")
	.describe("asset");

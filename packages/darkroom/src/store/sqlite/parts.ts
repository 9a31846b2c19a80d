import type { EndingParts, Endings } from "./endings.ts";
import type { Listing } from "./listing.ts";

/** What transitions are built from; each takes what it needs. */
export interface Parts extends EndingParts {
	readonly listing: Listing;
	readonly endings: Endings;
}

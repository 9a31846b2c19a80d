import type { DatabaseSync } from "node:sqlite";
import type { Endings } from "./endings.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Listing } from "./listing.ts";
import type { Places } from "./places.ts";
import type { Turn } from "./turn.ts";

/** What transitions are built from; each takes what it needs. */
export interface Parts {
	readonly db: DatabaseSync;
	readonly turn: Turn;
	readonly leases: Leases;
	readonly listing: Listing;
	readonly ledger: Ledger;
	readonly places: Places;
	readonly endings: Endings;
}

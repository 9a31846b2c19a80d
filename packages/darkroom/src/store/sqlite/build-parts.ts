import type { DatabaseSync } from "node:sqlite";
import { createEndings } from "./endings.ts";
import { Leases } from "./leases.ts";
import { createLedger } from "./ledger.ts";
import { Listing } from "./listing.ts";
import type { Parts } from "./parts.ts";
import { createPlaces } from "./places.ts";
import { type Committed, Turn } from "./turn.ts";

/** The parts of one connection's transitions, put together. */
export function buildParts(db: DatabaseSync, onCommit: (committed: Committed) => void): Parts {
	const leases = new Leases(db);
	const listing = new Listing(db);
	const turn = new Turn(db, leases, listing, onCommit);
	const ledger = createLedger(db);
	const places = createPlaces(db, turn);
	const endings = createEndings({ db, turn, leases, ledger, places });
	return { db, turn, leases, listing, ledger, places, endings };
}

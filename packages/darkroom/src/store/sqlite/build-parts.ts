import type { DatabaseSync } from "node:sqlite";
import type { Defer } from "../../core/clock.ts";
import { createEndings } from "./endings.ts";
import { Leases } from "./leases.ts";
import { createLedger } from "./ledger.ts";
import { Listing } from "./listing.ts";
import type { Parts } from "./parts.ts";
import { createPlaces } from "./places.ts";
import { type Committed, Turn } from "./turn.ts";

/** The parts of one connection's transitions, put together. */
export function buildParts(db: DatabaseSync, onCommit: (committed: Committed) => void, defer: Defer): Parts {
	const leases = new Leases(db);
	const listing = new Listing(db);
	const turn = new Turn(db, leases, listing, onCommit, defer);
	const ledger = createLedger(db);
	const places = createPlaces(db, turn);
	const endings = createEndings({ db, turn, leases, ledger, places });
	return { db, turn, leases, listing, ledger, places, endings };
}

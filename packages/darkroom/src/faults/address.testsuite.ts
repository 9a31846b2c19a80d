import { postgres } from "../store/postgres/index.ts";
import { sqlite } from "../store/sqlite/index.ts";
import type { Store } from "../store/store.ts";

/** Where the rows are, as it can be told to another process. */
export type Address =
	| { readonly store: "sqlite"; readonly path: string }
	| { readonly store: "postgres"; readonly url: string; readonly schema: string };

export function openStore(address: Address): Store {
	// News of other processes is asked for as often as SQLite does, besides being heard of: what is missed in a fault
	// costs no test its time.
	if (address.store === "postgres") return postgres(address.url, { schema: address.schema, pollEveryMs: 1_000 });
	return sqlite(address.path);
}

import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { newLeaseToken } from "../../core/ids.ts";
import { sqlite } from "./index.ts";

/**
 * A process that claims every job that waits, says `ready`, and holds their leases until it is killed, does what it is
 * told, and says `done` after that.
 */
export interface Task {
	readonly path: string;
	readonly now: number;
}

export type Command =
	| { readonly does: "sweep" | "close" }
	/** As a backup would that is part of the app. */
	| { readonly does: "read"; readonly file: string };

const { path, now } = JSON.parse(process.argv[2] as string) as Task;
const store = sqlite(path);
await store.claimJobs({
	kinds: ["draw"],
	limit: 100,
	leaseExpiresAt: now + 30_000,
	now,
	newLeaseToken: () => store.leasePrefix() + newLeaseToken(),
});
writeSync(1, "ready\n");

for await (const line of createInterface({ input: process.stdin })) {
	const command = JSON.parse(line) as Command;
	if (command.does === "read") readFileSync(command.file);
	else if (command.does === "sweep") await store.sweep({ now, limit: 100 });
	else await store.close();
	writeSync(1, "done\n");
}

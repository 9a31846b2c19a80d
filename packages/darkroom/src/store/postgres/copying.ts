import type { ClientBase } from "pg";
import { DarkroomError } from "../../core/errors.ts";

/**
 * The table that is there while a copy into this schema has begun and not ended: what it copies, and how far it is. Nobody
 * may work on half a copy, so as long as it is there, no store opens.
 */
export const copyingTable = "copying";

/** What it is called when the copy has ended, so that the same copy can be told from another one. Nobody else reads it. */
export const copiedTable = "copied";

/** @throws `misconfigured` where a copy has not ended */
export async function requireWhole(client: ClientBase, schema: string): Promise<void> {
	const { rows } = await client.query("SELECT to_regclass($1) AS found", [`${schema}.${copyingTable}`]);
	if (rows[0]?.found === null) return;
	throw new DarkroomError("misconfigured", {
		detail: `A copy into schema ${schema} has begun and not ended. Run the same copy again (npx darkroom copy; in the Studio npm run copy): it goes on where it was.`,
	});
}

import { type Balance, balanceOf } from "../../credits/settlement.ts";
import type { Grant, LedgerEntry } from "../store.ts";
import { type Told, toldChange } from "./answer.ts";
import type { Call, Query } from "./database.ts";
import { type Refused, toError } from "./refused.ts";

/** Accounts and entries: what is asked of them, and what changes them without a job. */
export function createLedger(call: Call, query: Query) {
	return {
		async read(owner: string): Promise<Balance> {
			const sql = "SELECT posted, held FROM darkroom.accounts WHERE owner = $1";
			const [row] = await query<{ posted: number; held: number }>(sql, [owner]);
			return balanceOf(row?.posted ?? 0, row?.held ?? 0);
		},
		grant: ({ owner, amount, key, now }: Grant): Promise<Balance> =>
			call("grant_credits", [owner, amount, key, now], (answer) => {
				const given = answer as Refused | { code?: undefined; posted: number; held: number };
				if (given.code !== undefined) throw toError(given);
				return balanceOf(given.posted, given.held);
			}),
		async transfer({ from, to, now }: { from: string; to: string; now: number }): Promise<void> {
			if (from === to) return;
			await call("transfer_owner", [from, to, now], (answer, note) => {
				for (const told of answer as readonly Told[]) note(toldChange(told));
			});
		},
		entries: (viewer: string, limit: number): Promise<LedgerEntry[]> =>
			query<LedgerEntry>(
				`SELECT owner, type, posted, held, job_id AS "jobId", created_at AS "createdAt" FROM darkroom.entries
				 WHERE owner = $1 AND posted <> 0 ORDER BY id DESC LIMIT $2`,
				[viewer, limit],
			),
	};
}

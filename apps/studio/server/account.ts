import type { Balance } from "darkroom";
import type { LedgerLine } from "../features/credits/ledger";
import { getDarkroom } from "./darkroom";

/** Movements shown on the account page. */
const linesShown = 50;

/** What an owner has, and how it came to be so. */
export async function readAccount(
	owner: string,
): Promise<{ readonly balance: Balance; readonly lines: readonly LedgerLine[] }> {
	const darkroom = await getDarkroom();
	const [balance, entries] = await Promise.all([darkroom.getBalance(owner), darkroom.listEntries(owner, linesShown)]);
	const lines = entries.map(({ type, posted, jobId, createdAt }) => ({
		type,
		posted,
		jobId,
		at: new Date(createdAt).toISOString(),
	}));
	return { balance, lines };
}

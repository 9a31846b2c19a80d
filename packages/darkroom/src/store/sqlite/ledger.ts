import type { DatabaseSync } from "node:sqlite";
import { type Balance, balanceOf, type Entry } from "../../credits/settlement.ts";
import { insufficient } from "../refusals.ts";
import type { Grant } from "../store.ts";

/**
 * Accounts and entries, always written together: whatever changes a balance leaves the entry that says so,
 * in the same transaction. Everything here runs inside a transition.
 */
export interface Ledger {
	read(owner: string): Balance;
	/** Reserves; the condition is in the statement. @throws `insufficient_credits` before anything is written. */
	hold(owner: string, amount: number, job: number, now: number): void;
	/** Applies what the settlement rules decided. */
	post(owner: string, entries: readonly Entry[], job: number, now: number): void;
	/** Once per owner and key. @throws `insufficient_credits` when it would take more than is available. */
	grant(grant: Grant): Balance;
	/** Empties one account into another. What these jobs moved becomes the new owner's history; one entry each moves the rest. */
	transfer(from: string, to: string, jobs: readonly number[], now: number): void;
}

export function createLedger(db: DatabaseSync): Ledger {
	const readAccount = db.prepare("SELECT posted, held FROM accounts WHERE owner = ?");
	const holdCredits = db.prepare("UPDATE accounts SET held = held + ? WHERE owner = ? AND posted - held >= ?");
	const change = db.prepare("UPDATE accounts SET posted = posted + ?, held = held + ? WHERE owner = ?");
	const openAccount = db.prepare("INSERT INTO accounts (owner, posted, held) VALUES (?, 0, 0) ON CONFLICT DO NOTHING");
	const addEntry = db.prepare(
		"INSERT INTO entries (owner, type, posted, held, job, key, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
	);
	const follow = db.prepare(
		"UPDATE entries INDEXED BY entries_by_job SET owner = ? WHERE job = ? AND posted <> 0 AND owner = ? RETURNING posted, held",
	);
	const readKey = db.prepare("SELECT 1 FROM entries WHERE owner = ? AND key = ?");

	function read(owner: string): Balance {
		const row = readAccount.get(owner) as { posted: number; held: number } | undefined;
		return balanceOf(row?.posted ?? 0, row?.held ?? 0);
	}

	return {
		read,
		hold(owner, amount, job, now) {
			if (amount === 0) return;
			if (holdCredits.run(amount, owner, amount).changes === 0) {
				throw insufficient(amount, read(owner).available);
			}
			addEntry.get(owner, "hold", 0, amount, job, null, now);
		},
		post(owner, entries, job, now) {
			let posted = 0;
			let held = 0;
			for (const entry of entries) {
				posted += entry.posted;
				held += entry.held;
				addEntry.get(owner, entry.type, entry.posted, entry.held, job, null, now);
			}
			if (entries.length > 0) change.get(posted, held, owner);
		},
		grant({ owner, amount, key, now }) {
			const { available } = read(owner);
			if (readKey.get(owner, key) !== undefined) return read(owner);
			if (available + amount < 0) throw insufficient(-amount, available);
			openAccount.run(owner);
			change.run(amount, 0, owner);
			addEntry.run(owner, "grant", amount, 0, null, key, now);
			return read(owner);
		},
		transfer(from, to, jobs, now) {
			const { posted, held } = read(from);
			const rest = { posted, held };
			for (const job of jobs) {
				for (const entry of follow.all(to, job, from) as { posted: number; held: number }[]) {
					rest.posted -= entry.posted;
					rest.held -= entry.held;
				}
			}
			// Even with nothing to move: a job that was paid at its start may still be refunded, to its new owner.
			openAccount.run(to);
			change.run(-posted, -held, from);
			change.run(posted, held, to);
			if (rest.posted === 0 && rest.held === 0) return;
			addEntry.run(from, "transfer", -rest.posted, -rest.held, null, null, now);
			addEntry.run(to, "transfer", rest.posted, rest.held, null, null, now);
		},
	};
}

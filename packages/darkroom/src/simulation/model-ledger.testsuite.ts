import { DarkroomError } from "../core/errors.ts";
import { type Balance, balanceOf, type Entry, type EntryType, settleEnd } from "../credits/settlement.ts";
import type { Grant } from "../store/store.ts";
import type { ModelAccount, ModelJob, ModelRows } from "./model-rows.testsuite.ts";

/** Accounts and entries of the model, always written together. */
export class ModelLedger {
	readonly #rows: ModelRows;

	constructor(rows: ModelRows) {
		this.#rows = rows;
	}

	read(owner: string): Balance {
		const { posted, held } = this.#rows.accounts.get(owner) ?? { posted: 0, held: 0 };
		return balanceOf(posted, held);
	}

	/** Whether so much is available, were this job cleared. @throws `insufficient_credits` */
	requireFunds(owner: string, needed: number, cleared?: ModelJob): void {
		let { available } = this.read(owner);
		if (cleared) for (const { posted, held } of settleEnd(cleared, 0).entries) available += posted - held;
		if (needed <= 0 || available >= needed) return;
		throw insufficient(needed, available);
	}

	hold(owner: string, amount: number, jobId: string, now: number): void {
		if (amount === 0) return;
		this.#add(owner, { type: "hold", posted: 0, held: amount }, jobId, null, now);
	}

	post(owner: string, entries: readonly Entry[], jobId: string, now: number): void {
		for (const entry of entries) this.#add(owner, entry, jobId, null, now);
	}

	grant({ owner, amount, key, now }: Grant): Balance {
		const { available } = this.read(owner);
		if (this.#rows.entries.some((entry) => entry.owner === owner && entry.key === key)) return this.read(owner);
		if (available + amount < 0) throw insufficient(-amount, available);
		this.#add(owner, { type: "grant", posted: amount, held: 0 }, null, key, now);
		return this.read(owner);
	}

	/** What the jobs of the old owner moved becomes the new owner's history; one entry each moves the rest. */
	transfer(from: string, to: string, now: number): void {
		for (const entry of this.#rows.entries) {
			if (entry.owner !== from || entry.jobId === null || entry.posted === 0) continue;
			entry.owner = to;
			this.#move(from, -entry.posted, -entry.held);
			this.#move(to, entry.posted, entry.held);
		}
		const { posted, held } = this.read(from);
		if (posted === 0 && held === 0) return;
		this.#add(from, { type: "transfer", posted: -posted, held: -held }, null, null, now);
		this.#add(to, { type: "transfer", posted, held }, null, null, now);
	}

	#add(
		owner: string,
		{ type, posted, held }: { readonly type: EntryType; readonly posted: number; readonly held: number },
		jobId: string | null,
		key: string | null,
		createdAt: number,
	): void {
		this.#move(owner, posted, held);
		this.#rows.entries.push({ owner, type, posted, held, jobId, createdAt, key });
	}

	#move(owner: string, posted: number, held: number): void {
		const account: ModelAccount = this.#rows.accounts.get(owner) ?? { posted: 0, held: 0 };
		this.#rows.accounts.set(owner, account);
		account.posted += posted;
		account.held += held;
	}
}

function insufficient(needed: number, available: number): DarkroomError {
	return new DarkroomError("insufficient_credits", {
		detail: `This needs ${needed} credits and ${available} are available.`,
		data: { needed, available },
	});
}

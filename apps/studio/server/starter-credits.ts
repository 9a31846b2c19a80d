/** What a grant asks of Darkroom. */
export interface StarterGrant {
	readonly owner: string;
	readonly amount: number;
	readonly key: string;
}

/** Owners remembered at most, some MB. */
const mostRemembered = 50_000;

/**
 * Gives an owner the credits that came with the account, before anything else is done for them. What they are is written in
 * the same commit as the user (auth.ts), and the ledger takes each owner's once, so it does not matter how often, or in how
 * many processes, it is asked for: a database that goes away between the two loses nothing. Asked once a process for each
 * owner; where it fails, the next request asks again.
 */
export function createStarterCredits(grant: (given: StarterGrant) => Promise<unknown>) {
	const given = new Map<string, Promise<unknown>>();
	return async (owner: string, amount: number): Promise<void> => {
		if (amount === 0) return;
		let giving = given.get(owner);
		if (!giving) {
			if (given.size >= mostRemembered) given.clear();
			giving = grant({ owner, amount, key: "starter" });
			given.set(owner, giving);
			giving.catch(() => given.delete(owner));
		}
		await giving;
	};
}

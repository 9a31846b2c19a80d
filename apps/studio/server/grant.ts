import type { Balance, Store } from "darkroom";
import { getAuth } from "./auth.ts";
import { ConfigError } from "./config.ts";

/** What an operator gives to an account, or with a negative amount takes from it. */
export interface AccountGrant {
	readonly email: string;
	/** Whole credits, not 0. */
	readonly amount: number;
	/** The same key again gives nothing again to the same account. */
	readonly key: string;
}

/**
 * Gives credits to the account with this e-mail. Resolves with its balance.
 * @throws ConfigError where nobody has that e-mail; `insufficient_credits` where more would be taken than is available
 */
export async function grantToAccount(store: Store, { email, amount, key }: AccountGrant): Promise<Balance> {
	const { internalAdapter, checkSchema } = await (await getAuth()).$context;
	// It is under way already, and would complain of a database that is closed before it ends.
	await checkSchema?.();
	const found = await internalAdapter.findUserByEmail(email.trim().toLowerCase());
	if (!found) throw new ConfigError(`Nobody has an account with the e-mail ${email}.`);
	return store.grantCredits({ owner: found.user.id, amount, key: `operator:${key}`, now: Date.now() });
}

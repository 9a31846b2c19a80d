import type { ClientBase } from "pg";
import { DarkroomError } from "../../core/errors.ts";

/**
 * Transitions lock their owner first and then read what was committed while they waited (migrations/0002_settlement.sql). A
 * transaction that is REPEATABLE READ or SERIALIZABLE reads what was there when it began, so limits and subjects would be
 * judged by what is no longer so; and since everything else is READ COMMITTED, no serialization failure would tell. So a
 * connection sets its own isolation (connection.ts), and where it cannot, the stricter one is refused.
 */
export const isStrict = "current_setting('transaction_isolation') IN ('repeatable read', 'serializable')";

/** @throws `misconfigured` where transactions begin stricter, behind a pooler that lets nobody set that */
export async function requireReadCommitted(client: ClientBase): Promise<void> {
	const { rows } = await client.query(
		`SELECT current_setting('transaction_isolation') AS given, current_user AS role WHERE ${isStrict}`,
	);
	if (rows.length === 0) return;
	const { given, role } = rows[0];
	throw new DarkroomError("misconfigured", {
		detail: `Transactions begin as ${given} on this database, and Darkroom needs read committed. Set it for the role: ALTER ROLE ${role} SET default_transaction_isolation = 'read committed'.`,
	});
}

import { DarkroomError, isDarkroomError } from "../../core/errors.ts";
import { codeOf, isUnreachable, toStoreError } from "./errors.ts";

const address = "its address (the `url` of `postgres(url)`, such as DATABASE_URL)";

/** What only the operator can repair, by SQLSTATE or by Node's code: what is wrong and what to do. */
const faults: readonly { readonly is: RegExp; readonly says: string }[] = [
	{
		is: /^3D000$/,
		says: `The database does not exist. Make it (CREATE DATABASE), or correct its name at the end of ${address}.`,
	},
	{
		is: /^28/,
		says: `The database refuses this user. Correct user and password in ${address}, or let them in by its pg_hba.conf.`,
	},
	{
		is: /^42501$/,
		says: `This user may not use the database, or Darkroom's tables in it. Grant it that, or correct the user in ${address}.`,
	},
	{
		is: /^ERR_INVALID_URL$/,
		says: `The database cannot be found by ${address}: it must look like postgres://user:password@host:5432/name.`,
	},
	{
		is: /CERT|^ERR_TLS/,
		says: `The database's certificate is not trusted. Name its authority by sslrootcert in ${address}, or correct the host.`,
	},
];

/** The driver's own, which have no code. */
const spoken: readonly { readonly is: RegExp; readonly says: string }[] = [
	{
		is: /client password must be/,
		says: `The database asks for a password. Add it to ${address}.`,
	},
	{
		is: /does not support SSL/,
		says: `The database does not speak TLS. Take sslmode out of ${address}, or switch TLS on there.`,
	},
];

/**
 * What a store that cannot be opened rejects with: `misconfigured` where only the operator can repair it, the rest as
 * `toStoreError` says. Once it was open, the same may pass by itself, such as a password that is being changed.
 */
export function toOpenError(error: unknown): unknown {
	if (isDarkroomError(error)) return error;
	const says = faultOf(error);
	if (says !== undefined) return new DarkroomError("misconfigured", { detail: says, cause: error });
	if (!isUnreachable(error)) return toStoreError(error);
	return new DarkroomError("store_unavailable", {
		detail: `The database cannot be reached. Check host and port in ${address}, and that Postgres runs there; the next call tries again.`,
		retryAfterMs: 1_000,
		cause: error,
	});
}

function faultOf(error: unknown): string | undefined {
	if (!(error instanceof Error)) return undefined;
	const code = codeOf(error);
	const fault =
		code === undefined ? spoken.find(({ is }) => is.test(error.message)) : faults.find(({ is }) => is.test(code));
	return fault?.says;
}

import { DarkroomError } from "../../core/errors.ts";

/** The default, and the name for which all SQL here is written. */
export const defaultSchema = "darkroom";

/** Those that begin with `pg_` are Postgres's own. */
const plainName = /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/;

/**
 * Puts another schema's name in place of the default's, in SQL that is written for the default.
 * @throws `misconfigured` for a name that is not plain
 */
export function inSchema(schema: string): (sql: string) => string {
	if (schema === defaultSchema) return (sql) => sql;
	if (!plainName.test(schema)) {
		throw new DarkroomError("misconfigured", {
			detail: `The schema "${schema}" cannot be used: a name of at most 40 lower-case letters, digits and underscores can, if it does not begin with pg_.`,
		});
	}
	// As an identifier in quotes, for `user` and `order` are words of SQL; within a text, such as a channel's name, without.
	return (sql) =>
		sql.replaceAll(/'?\bdarkroom\./g, (found) => (found.startsWith("'") ? `'${schema}.` : `"${schema}".`));
}

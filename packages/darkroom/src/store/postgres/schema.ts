import { DarkroomError } from "../../core/errors.ts";

/** The default, and the name for which all SQL here is written. */
export const defaultSchema = "darkroom";

const plainName = /^[a-z_][a-z0-9_]{0,39}$/;

/**
 * Puts another schema's name in place of the default's, in SQL that is written for the default.
 * @throws `misconfigured` for a name that would need quotes
 */
export function inSchema(schema: string): (sql: string) => string {
	if (schema === defaultSchema) return (sql) => sql;
	if (!plainName.test(schema)) {
		throw new DarkroomError("misconfigured", {
			detail: `The schema "${schema}" cannot be used: a name of at most 40 lower-case letters, digits and underscores can.`,
		});
	}
	return (sql) => sql.replaceAll(/\bdarkroom\./g, `${schema}.`);
}

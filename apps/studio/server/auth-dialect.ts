import { type DatabaseIntrospector, type Kysely, PostgresDialect, type TableMetadata } from "kysely";

/**
 * Kysely's Postgres, in the words that sign-in's migrations know. They make a `bigint`, for the moment of somebody's last
 * request; Postgres' catalogue, which Kysely reads, calls it `int8`; and what they do not know by that name they take for
 * another type than they made, and warn of it at every start. Any other difference is still told.
 */
export class AuthDialect extends PostgresDialect {
	override createIntrospector(database: Kysely<never>): DatabaseIntrospector {
		const introspector = super.createIntrospector(database);
		return {
			getSchemas: () => introspector.getSchemas(),
			getTables: async (options) => (await introspector.getTables(options)).map(withKnownNames),
		};
	}
}

function withKnownNames(table: TableMetadata): TableMetadata {
	const columns = table.columns.map((column) =>
		column.dataType === "int8" ? { ...column, dataType: "bigint" } : column,
	);
	return { ...table, columns };
}

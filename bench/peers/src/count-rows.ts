import { Client } from "pg";

/** Counts by a query of one number, on a connection of its own. */
export async function countRows(url: string, query: string): Promise<() => Promise<number>> {
	const client = new Client({ connectionString: url });
	await client.connect();
	return async () => {
		const { rows } = await client.query<{ count: string }>(query);
		return Number(rows[0]?.count);
	};
}

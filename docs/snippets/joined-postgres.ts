import pg from "pg";
import { plushie } from "./plushie.ts";
import { darkroom } from "./postgres.ts";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

// #region order
export async function orderPlushie(userId: string, photo: string) {
	// One connection, from BEGIN to COMMIT: `pool.query` may take another one for each statement.
	const client = await pool.connect();
	try {
		await client.query("BEGIN");
		const { rows } = await client.query("INSERT INTO orders (user_id) VALUES ($1) RETURNING id", [userId]);
		const orderId: string = rows[0].id;
		const job = await darkroom.submit(plushie, { owner: userId, input: { photo }, client });
		await client.query("UPDATE orders SET job_id = $1 WHERE id = $2", [job.id, orderId]);
		await client.query("COMMIT");
		return orderId;
	} catch (error) {
		await client.query("ROLLBACK");
		throw error;
	} finally {
		client.release();
	}
}
// #endregion

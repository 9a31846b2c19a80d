import { DatabaseSync } from "node:sqlite";
import { darkroom } from "./darkroom.ts";
import { plushie } from "./plushie.ts";

// #region order
export async function orderPlushie(userId: string, photo: string) {
	// The same file as the store's, on a connection that nobody else has a transaction on.
	const client = new DatabaseSync("./.data/darkroom.db", { timeout: 5_000 });
	try {
		client.exec("BEGIN IMMEDIATE");
		const { lastInsertRowid } = client.prepare("INSERT INTO orders (user_id) VALUES (?)").run(userId);
		const job = await darkroom.submit(plushie, { owner: userId, input: { photo }, client });
		client.prepare("UPDATE orders SET job_id = ? WHERE id = ?").run(job.id, lastInsertRowid);
		client.exec("COMMIT");
		return lastInsertRowid;
	} finally {
		// Closed without a commit, it leaves nothing.
		client.close();
	}
}
// #endregion

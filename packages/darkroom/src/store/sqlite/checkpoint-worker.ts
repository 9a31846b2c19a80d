import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/**
 * Copies the log's pages into the database file, in a thread of its own: done where the event loop runs, the
 * same work stalls it for tens of milliseconds. PASSIVE never makes the writer wait.
 */
const db = new DatabaseSync((workerData as { path: string }).path, { timeout: 0 });
db.exec("PRAGMA synchronous = FULL");

parentPort?.on("message", (message: "checkpoint" | "close") => {
	if (message === "close") {
		db.close();
		parentPort?.close();
		return;
	}
	let logPages = 0;
	try {
		logPages = (db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() as { log: number }).log;
	} catch {
		// Busy, full or gone: the writer meets the same and reports it; here it only means later.
	}
	parentPort?.postMessage(logPages);
});

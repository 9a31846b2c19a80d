import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

/** Pages of log after which the thread is asked to copy them over. */
const passivePages = 1_000;
/** Pages above which the log is begun anew from the writer's side, since a busy writer never lets the thread catch up. */
const restartPages = 8_000;
const bytesPerPage = 4_096 + 24;
/** The log's size is asked after this many commits. */
const commitsPerLook = 64;

/**
 * Keeps the write-ahead log short without stalling the event loop: PASSIVE checkpoints in a worker thread, and
 * a RESTART here above `restartPages`, which by then has little left to copy.
 */
export interface Checkpoints {
	/** To be called after each commit. */
	committed(): void;
	close(): Promise<void>;
}

export function createCheckpoints(db: DatabaseSync, path: string): Checkpoints {
	const logPath = `${path}-wal`;
	let commits = 0;
	let worker: Worker | undefined;
	let isWorking = false;

	function logPages(): number {
		return (statSync(logPath, { throwIfNoEntry: false })?.size ?? 0) / bytesPerPage;
	}

	function checkpointInThread(): void {
		if (isWorking) return;
		worker ??= startWorker();
		isWorking = true;
		worker.postMessage("checkpoint");
	}

	function startWorker(): Worker {
		// Published as JavaScript, run as TypeScript within the repository: the neighbour has this file's ending.
		const file = new URL(`./checkpoint-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
		const started = new Worker(file, { workerData: { path } });
		started.unref();
		started.on("message", () => {
			isWorking = false;
		});
		started.on("error", () => {
			isWorking = false;
			worker = undefined;
		});
		return started;
	}

	return {
		committed() {
			if (++commits % commitsPerLook !== 0) return;
			const pages = logPages();
			if (pages > restartPages) db.prepare("PRAGMA wal_checkpoint(RESTART)").get();
			else if (pages > passivePages) checkpointInThread();
		},
		async close() {
			if (!worker) return;
			const gone = new Promise<void>((resolve) => worker?.once("exit", () => resolve()));
			worker.ref();
			worker.postMessage("close");
			await gone;
		},
	};
}

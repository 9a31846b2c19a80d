import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { Logger } from "../../core/logger.ts";

/** Pages of the log's file from which on the thread is asked to copy what is new over. */
const passivePages = 1_000;
/**
 * Pages in use above which the log is begun anew from the writer's side, since a busy writer never lets the thread catch
 * up. The thread counts them: the file tells nothing, for it never shrinks when the log begins anew.
 */
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

export function createCheckpoints(db: DatabaseSync, path: string, logger: Logger): Checkpoints {
	const logPath = `${path}-wal`;
	const restart = db.prepare("PRAGMA wal_checkpoint(RESTART)");
	let commits = 0;
	let mustRestart = false;
	let worker: Worker | undefined;
	let isWorking = false;

	function isLogLong(): boolean {
		return (statSync(logPath, { throwIfNoEntry: false })?.size ?? 0) > passivePages * bytesPerPage;
	}

	function restartLog(): void {
		mustRestart = false;
		try {
			restart.get();
		} catch (error) {
			// A full disk, most likely. The commit is done and the log keeps it; who writes next is told, and we come again.
			logger.warn({ err: error as Error }, "could not shorten the database's log");
		}
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
		started.on("message", (logPages: number) => {
			isWorking = false;
			mustRestart = logPages > restartPages;
		});
		started.on("error", (error) => {
			logger.warn({ err: error as Error }, "the thread that copies the database's log failed, and is begun anew");
			isWorking = false;
			worker = undefined;
		});
		return started;
	}

	return {
		committed() {
			if (++commits % commitsPerLook !== 0) return;
			if (mustRestart) restartLog();
			else if (isLogLong()) checkpointInThread();
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

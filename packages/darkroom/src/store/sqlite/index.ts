import { type Logger, silentLogger } from "../../core/logger.ts";
import type { Store } from "../store.ts";
import { Database } from "./database.ts";
import { storeOn } from "./store-on.ts";

export interface SqliteOptions {
	/**
	 * Lines at `debug` for each commit and each read, with how long it took, and one at `warn` where it can lock no file.
	 * Default: silent.
	 */
	readonly logger?: Logger;
}

/**
 * Rows in one SQLite file, through Node's own `node:sqlite`: write-ahead log, `synchronous=FULL`, so that what
 * is acknowledged survives a crash of the machine too. The transitions of a turn of the event loop share one
 * commit (turn.ts). The file and its folder are made when they are not there; nothing is opened before the
 * first use. A process that claims jobs keeps an empty file beside the database locked, `<path>-worker-<id>`: by that others
 * see when it is gone, and go on with its jobs (worker-locks.ts).
 * @param path of the database file, such as `./.data/darkroom.db`
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store {
	return storeOn(new Database(path, options.logger ?? silentLogger));
}

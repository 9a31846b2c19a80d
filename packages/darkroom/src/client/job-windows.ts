import type { JobFilter } from "./job-requests.ts";
import { JobWindow } from "./job-window.ts";

/** Lists remembered; beyond it the one that was left longest ago is forgotten. */
const limit = 20;

/** The lists that were left, by filter, so that who comes back to a page finds it as it was while it is read anew. */
export class JobWindows {
	readonly #left = new Map<string, JobWindow>();

	/** What was known when this list was last left, or an empty window. */
	recall(filter: JobFilter): JobWindow {
		return this.#left.get(toKey(filter))?.copy() ?? new JobWindow(filter);
	}

	remember(filter: JobFilter, window: JobWindow): void {
		const key = toKey(filter);
		this.#left.delete(key);
		this.#left.set(key, window.copy());
		for (const oldest of this.#left.keys()) {
			if (this.#left.size <= limit) return;
			this.#left.delete(oldest);
		}
	}

	/** For another viewer. */
	clear(): void {
		this.#left.clear();
	}
}

function toKey({ kind, status, subject, limit: pageSize }: JobFilter): string {
	return JSON.stringify([kind, typeof status === "string" ? [status] : status, subject, pageSize]);
}

import { sweptWords } from "../refusals.ts";
import { type JobRow, toJob } from "../rows.ts";
import type { Sweep, Swept } from "../store.ts";
import { type Told, toldChange } from "./answer.ts";
import type { Call } from "./database.ts";
import { mayTryAgain } from "./try-again.ts";

interface Answered {
	readonly ended: readonly JobRow[];
	readonly returned: number;
	readonly woken: number;
	readonly news: readonly Told[];
	readonly next_due_at: number | null;
	/** All that is due is in someone else's hands this moment. */
	readonly is_locked: boolean;
}

/** The net below every job; its rules are in migrations/0006_sweep.sql. */
export function createSweep(call: Call) {
	const once = (now: number, limit: number) =>
		call("sweep", [now, limit, JSON.stringify(sweptWords)], (answer, note) => {
			const swept = answer as Answered;
			for (const told of swept.news) note(toldChange(told));
			return swept;
		});
	return async ({ now, limit }: Sweep): Promise<Swept> => {
		let swept = await once(now, limit);
		for (let tries = 1; swept.is_locked && (await mayTryAgain(tries)); tries++) swept = await once(now, limit);
		const { ended, returned, woken, next_due_at: nextDueAt } = swept;
		return { ended: ended.map((row) => toJob(row)), returned, woken, nextDueAt };
	};
}

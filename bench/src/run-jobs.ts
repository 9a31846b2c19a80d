import type { Darkroom, Store } from "darkroom";
import { ownerOf } from "./five-steps.ts";
import { createSubmitter } from "./submitter.ts";

const inFlight = 50;

export interface JobsToRun {
	readonly darkroom: Darkroom;
	readonly store: Store;
	readonly count: number;
	readonly owners: number;
	/** What a submitter waits for before it submits its next. Default: its acknowledgement. */
	readonly waits?: "until accepted" | "until completed";
}

/** Submits jobs one by one, 50 submits in flight, and resolves with the time until the last is completed, in ms. */
export async function runJobs({
	darkroom,
	store,
	count,
	owners,
	waits = "until accepted",
}: JobsToRun): Promise<number> {
	let next = 0;
	let completed = 0;
	const waiting = new Map<string, () => void>();
	const all = Promise.withResolvers<void>();
	const { submit, close } = createSubmitter(darkroom, store);
	const stopListening = store.onChange((changes) => {
		for (const { status, jobId } of changes) {
			if (status !== "completed") continue;
			completed++;
			waiting.get(jobId)?.();
		}
		if (completed === count) all.resolve();
	});
	const submitter = async () => {
		while (next < count) {
			const n = next++;
			const id = await submit(n, ownerOf(n, owners));
			if (waits === "until completed") await new Promise<void>((resolve) => waiting.set(id, resolve));
		}
	};
	const startedAt = performance.now();
	await Promise.all(Array.from({ length: inFlight }, submitter));
	await all.promise;
	stopListening();
	close();
	return performance.now() - startedAt;
}

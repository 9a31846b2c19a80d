import { type Darkroom, isDarkroomError, type Store } from "darkroom";
import { fiveSteps, ownerOf } from "./five-steps.ts";

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
	let room = Promise.withResolvers<void>();
	const stopListening = store.onChange((changes) => {
		for (const { status, jobId } of changes) {
			if (status !== "completed") continue;
			completed++;
			waiting.get(jobId)?.();
		}
		room.resolve();
		room = Promise.withResolvers();
		if (completed === count) all.resolve();
	});
	/** An owner with five active jobs is refused a sixth: then this submitter waits, and its wait counts. */
	const submit = async (n: number) => {
		for (;;) {
			const freed = room.promise;
			try {
				return await darkroom.submit(fiveSteps, { owner: ownerOf(n, owners), input: { n } });
			} catch (error) {
				if (!isDarkroomError(error, "too_many_active")) throw error;
				await freed;
			}
		}
	};
	const submitter = async () => {
		while (next < count) {
			const job = await submit(next++);
			if (waits === "until completed") await new Promise<void>((resolve) => waiting.set(job.id, resolve));
		}
	};
	const startedAt = performance.now();
	await Promise.all(Array.from({ length: inFlight }, submitter));
	await all.promise;
	stopListening();
	return performance.now() - startedAt;
}

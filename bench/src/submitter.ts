import { type Darkroom, isDarkroomError, type Store } from "darkroom";
import { fiveSteps } from "./five-steps.ts";

export interface Submitter {
	/** Resolves with the job's id when it is acknowledged. */
	submit(n: number, owner: string): Promise<string>;
	/** Listens to the store no more. */
	close(): void;
}

/** An owner with five active jobs is refused a sixth: then who submits waits until one of them ends, and its wait counts. */
export function createSubmitter(darkroom: Darkroom, store: Store): Submitter {
	const waiting = new Map<string, (() => void)[]>();
	const close = store.onChange((changes) => {
		for (const { owner, hasEnded } of changes) if (hasEnded) waiting.get(owner)?.shift()?.();
	});
	return {
		close,
		async submit(n, owner) {
			for (;;) {
				try {
					return (await darkroom.submit(fiveSteps, { owner, input: { n } })).id;
				} catch (error) {
					if (!isDarkroomError(error, "too_many_active")) throw error;
					await new Promise<void>((resolve) => {
						const others = waiting.get(owner) ?? [];
						waiting.set(owner, [...others, resolve]);
					});
				}
			}
		},
	};
}

import { type Darkroom, isDarkroomError, type Store } from "darkroom";
import { fiveSteps } from "./five-steps.ts";

export interface Submitter {
	/** Resolves with the job's id when it is acknowledged. */
	submit(n: number, owner: string): Promise<string>;
	/** Listens to the store no more. */
	close(): void;
}

/** An owner with five active jobs is refused a sixth: then who submits waits for any change, and its wait counts. */
export function createSubmitter(darkroom: Darkroom, store: Store): Submitter {
	let room = Promise.withResolvers<void>();
	const close = store.onChange(() => {
		room.resolve();
		room = Promise.withResolvers();
	});
	return {
		close,
		async submit(n, owner) {
			for (;;) {
				const freed = room.promise;
				try {
					return (await darkroom.submit(fiveSteps, { owner, input: { n } })).id;
				} catch (error) {
					if (!isDarkroomError(error, "too_many_active")) throw error;
					await freed;
				}
			}
		},
	};
}

import { type Darkroom, isDarkroomError, type Store } from "darkroom";
import { fiveSteps } from "./five-steps.ts";

export interface Submitter {
	/** Resolves with the job's id when it is acknowledged. */
	submit(n: number, owner: string): Promise<string>;
	/** Listens to the store no more. */
	close(): void;
}

/** What is known of one owner's jobs. */
interface Room {
	/** How many have ended. */
	ended: number;
	/** Told in turn when one ends. */
	readonly waiting: (() => void)[];
}

/** An owner with five active jobs is refused a sixth: then who submits waits until one of them ends, and its wait counts. */
export function createSubmitter(darkroom: Darkroom, store: Store): Submitter {
	const rooms = new Map<string, Room>();
	const roomOf = (owner: string): Room => {
		const room = rooms.get(owner) ?? { ended: 0, waiting: [] };
		rooms.set(owner, room);
		return room;
	};
	const close = store.onChange((changes) => {
		for (const { owner, hasEnded } of changes) {
			if (!hasEnded) continue;
			const room = roomOf(owner);
			room.ended++;
			room.waiting.shift()?.();
		}
	});
	return {
		close,
		async submit(n, owner) {
			const room = roomOf(owner);
			for (;;) {
				const { ended } = room;
				try {
					return (await darkroom.submit(fiveSteps, { owner, input: { n } })).id;
				} catch (error) {
					if (!isDarkroomError(error, "too_many_active")) throw error;
					// Unless one ended while it was asked.
					if (room.ended === ended) await new Promise<void>((resolve) => room.waiting.push(resolve));
				}
			}
		},
	};
}

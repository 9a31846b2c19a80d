/** Lets work through as long as there is room for its weight; the rest waits in the order in which it came. */
export interface Gate {
	/** Runs `work` when there is room, and gives the room back however it ends. What is heavier than all room goes alone. */
	pass<Result>(weight: number, work: () => Promise<Result>): Promise<Result>;
}

/** A gate for one process. @param room the weight that may be inside at a time. */
export function createGate(room: number): Gate {
	let free = room;
	const waiting: { readonly weight: number; readonly enter: () => void }[] = [];

	/** Only the first is ever let in, so that the light ones cannot keep a heavy one waiting for ever. */
	function letIn(): void {
		for (let next = waiting[0]; next && next.weight <= free; next = waiting[0]) {
			waiting.shift();
			free -= next.weight;
			next.enter();
		}
	}

	return {
		async pass(weight, work) {
			const taken = Math.min(weight, room);
			await new Promise<void>((enter) => {
				waiting.push({ weight: taken, enter });
				letIn();
			});
			try {
				return await work();
			} finally {
				free += taken;
				letIn();
			}
		},
	};
}

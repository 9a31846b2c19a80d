import type { Hooks } from "./contender.ts";

/** Lets measurements follow the jobs of a contender that is already open. */
export class Course implements Hooks {
	submitted = 0;
	completed = 0;
	firstStepAt = 0;
	readonly #waiting = new Set<{ readonly count: number; resolve(): void }>();

	onFirstStep(): void {
		this.firstStepAt = performance.now();
	}

	onCompleted(): void {
		this.completed++;
		for (const waiter of this.#waiting) {
			if (this.completed < waiter.count) continue;
			this.#waiting.delete(waiter);
			waiter.resolve();
		}
	}

	/** Until that many have ended since the beginning. */
	async reach(count: number): Promise<void> {
		if (this.completed >= count) return;
		await new Promise<void>((resolve) => {
			this.#waiting.add({ count, resolve });
		});
	}
}

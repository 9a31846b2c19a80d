import type { Call } from "./calls.testsuite.ts";
import type { Queue } from "./queue.testsuite.ts";

/** Which calls a fault is for. Default: the next one, whichever it is. */
export type CallMatch = (call: Call) => boolean;

type Plan =
	| { readonly kind: "duplicate" | "lose-answer"; readonly match: CallMatch }
	| { readonly kind: "late"; readonly match: CallMatch; readonly delayMs: number }
	| { readonly kind: "hold"; readonly match: CallMatch; readonly arrive: (go: () => void) => void };

type PlanOf<Kind extends Plan["kind"]> = Extract<Plan, { kind: Kind }>;

/** A call that is held back. */
export interface HeldCall {
	/** Resolves when it would be made. */
	readonly reached: Promise<void>;
	/** Makes it now, or lets it pass when its turn comes. */
	release(): void;
}

/** What goes wrong with the server, as tests switch it on. Each planned fault is for one call. */
export class Faults {
	/**
	 * What happens to events that are sent: `taken`; `lost` after they were answered with 200; `refused` with 500;
	 * `away`, the line is cut before an answer. The SDK tries 500 and cut lines five times, within 3 s.
	 */
	events: "taken" | "lost" | "refused" | "away" = "taken";
	/** The same for checkpoints; when one is not taken the SDK brings its steps with the call's answer. */
	checkpoints: "taken" | "refused" | "away" = "taken";
	readonly #queue: Queue;
	#plans: Plan[] = [];

	constructor(queue: Queue) {
		this.#queue = queue;
	}

	/** Which call is made first where several could be. Default: `oldest-first`. */
	set order(order: Queue["order"]) {
		this.#queue.order = order;
	}

	/** The next call that matches is made twice at once, as after a lease of the server's queue was lost. */
	duplicateCall(match: CallMatch = () => true): void {
		this.#plans.push({ kind: "duplicate", match });
	}

	/** The next answer is lost, as when the server dies before it is kept: the same attempt is called again. */
	loseAnswer(match: CallMatch = () => true): void {
		this.#plans.push({ kind: "lose-answer", match });
	}

	/** The next call that matches is made so much later, by the server's clock. */
	delayCall(delayMs: number, match: CallMatch = () => true): void {
		this.#plans.push({ kind: "late", match, delayMs });
	}

	/** The next call that matches waits until it is released. */
	holdCall(match: CallMatch = () => true): HeldCall {
		const { promise: reached, resolve } = Promise.withResolvers<void>();
		let isReleased = false;
		let go = () => {};
		const arrive = (proceed: () => void) => {
			go = proceed;
			resolve();
			if (isReleased) go();
		};
		this.#plans.push({ kind: "hold", match, arrive });
		return {
			reached,
			release() {
				if (isReleased) return;
				isReleased = true;
				go();
			},
		};
	}

	/** The planned fault of this kind that is for this call; it is used up. */
	take<Kind extends Plan["kind"]>(kind: Kind, call: Call): PlanOf<Kind> | undefined {
		const plan = this.#plans.find((one): one is PlanOf<Kind> => one.kind === kind && one.match(call));
		this.#plans = this.#plans.filter((one) => one !== plan);
		return plan;
	}
}

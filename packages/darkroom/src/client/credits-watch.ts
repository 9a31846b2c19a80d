import type { Clock } from "../core/clock.ts";
import { type Balance, isActive } from "../http/protocol.ts";
import type { JobCache, JobChange } from "./job-cache.ts";
import type { JobRequests } from "./job-requests.ts";
import { Observable } from "./observable.ts";
import type { Page } from "./page.ts";
import type { ProblemError } from "./problem-error.ts";

/** Ms after which a balance that could not be read is asked for again. */
const againMs = 15_000;
/** Ms that changes of jobs are collected before the balance is read: several jobs often end together. */
const collectMs = 250;

export interface CreditsState extends Balance {
	/** The first answer is not there yet, and none has failed. */
	readonly isLoading: boolean;
	/** An answer has come. Until then the numbers are 0 and say nothing; afterwards they are the last ones that are known. */
	readonly isKnown: boolean;
	/** Why it could not be read when it was last asked for; null once it could. */
	readonly error: ProblemError | null;
}

export interface CreditsParts {
	readonly requests: JobRequests;
	readonly cache: JobCache;
	readonly clock: Clock;
	readonly page: Page;
}

const unknownCredits: CreditsState = {
	posted: 0,
	held: 0,
	available: 0,
	isLoading: true,
	isKnown: false,
	error: null,
};

/**
 * The viewer's balance, one for all who show it. It has no stream of its own: whenever a job that the page knows
 * begins, is charged or ends, it is read anew, and when the page is seen again.
 */
export class CreditsWatch extends Observable<CreditsState> {
	readonly #parts: CreditsParts;
	/** Counts reads: only the answer to the latest counts. */
	#reads = 0;
	#isWatched = false;
	#leave: (() => void)[] = [];
	#cancelRead = () => {};

	constructor(parts: CreditsParts) {
		super(unknownCredits);
		this.#parts = parts;
	}

	/** Asks the server anew. Never rejects: what went wrong is in the state's `error`. */
	readonly refetch = async (): Promise<void> => {
		this.#cancelRead();
		const read = ++this.#reads;
		try {
			const { posted, held, available } = await this.#parts.requests.readBalance();
			if (read === this.#reads) this.update({ posted, held, available, isLoading: false, isKnown: true, error: null });
		} catch (error) {
			if (read !== this.#reads) return;
			this.update({ isLoading: false, error: error as ProblemError });
			if (this.#isWatched) this.#readIn(againMs);
		}
	};

	protected override start(): void {
		this.#isWatched = true;
		const { cache, page } = this.#parts;
		this.#leave = [
			cache.subscribe({
				onChange: (change) => {
					if (movesCredits(change)) this.#readIn(collectMs);
				},
				onClear: () => {
					this.update(unknownCredits);
					void this.refetch();
				},
			}),
			page.subscribe(() => {
				if (!page.isHidden()) this.#readIn(collectMs);
			}),
		];
		void this.refetch();
	}

	protected override stop(): void {
		this.#isWatched = false;
		for (const leave of this.#leave) leave();
		this.#cancelRead();
	}

	#readIn(ms: number): void {
		this.#cancelRead();
		this.#cancelRead = this.#parts.clock.after(ms, () => void this.refetch());
	}
}

/** A job seen for the first time moves them only while it is active: others are old ones that a list has brought. */
function movesCredits({ job, previous }: JobChange): boolean {
	if (!previous) return isActive(job.status);
	return job.charged !== previous.charged || isActive(job.status) !== isActive(previous.status);
}

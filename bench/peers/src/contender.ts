/** What the measuring side is told of the jobs. */
export interface Hooks {
	/** The first line of a job's first step runs. */
	onFirstStep(): void;
	/** A job has ended, as far as this process is told. */
	onCompleted(): void;
}

/** Where a contender finds its server and may put its files. */
export interface Surroundings {
	/** New and empty, deleted afterwards. */
	readonly folder: string;
	/** Of its server: Postgres, Redis, or the ingress of Restate. Empty for one without a server. */
	readonly url: string;
	/** Where Restate is told of the services; empty elsewhere. */
	readonly adminUrl: string;
}

/** One library with the work of the comparison defined in its own terms, its worker running in this process. */
export interface Contender {
	/** Resolves when the library has acknowledged the job. */
	submit(n: number, owner: string): Promise<void>;
	/**
	 * How many jobs the store has that are not completed. For libraries that do not tell this process when an end is
	 * committed: there `onCompleted` comes when the handler returns, and the clock runs on until this is 0.
	 */
	countUnfinished?(): Promise<number>;
}

export type Open = (surroundings: Surroundings, hooks: Hooks) => Promise<Contender>;

/** Submits under way at once. */
export const inFlight = 50;

export const owners = 200;

/**
 * Jobs that are accepted and not completed, at most; then submitters wait. It is what Darkroom's limit of five for each
 * owner comes to, and it keeps a library whose submits are much faster than its worker from being measured on a
 * backlog that the others never have.
 */
export const activeAtMost = 5 * owners;

export function ownerOf(n: number): string {
	return `owner-${n % owners}`;
}

/** The five steps of the work; each returns at once. */
export const steps = ["one", "two", "three", "four", "five"] as const;

import type { Clock } from "../core/clock.ts";
import type { Duration } from "../core/duration.ts";
import type { Ids } from "../core/ids.ts";
import type { Job } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { ClaimOffer, Store } from "../store/store.ts";
import type { Darkroom } from "./darkroom.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import type { Executor } from "./executor.ts";
import type { StoreOutage } from "./store-outage.ts";

/** Drives jobs: decides when and where one runs. How it runs is the executor's business, on every engine. */
export interface Engine {
	readonly offers: Offers;
	/** Begins to work, and to look after what others left. The store is open by then. */
	start(): void;
	/** Takes on nothing new, waits at most so long for what runs here, then leaves the rest to others. */
	stop(graceMs: number): Promise<void>;
	/** One round of what is due, for hosts that do not keep a process alive. */
	tick(budgetMs: number): Promise<Ticked>;
	/** Asks the store whether this process still holds its leases; a run that lost its own is interrupted. */
	confirmLeases(): Promise<void>;
}

export interface Ticked {
	/** Jobs that began here. */
	readonly claimed: number;
	/** Whether there was more to do when the time was up. */
	readonly remaining: boolean;
}

/** Where a submit may find a free place. */
export interface Offers {
	/** A place for a job that is being submitted, to be taken or given back; null where there is none. */
	offer(): ClaimOffer | null;
	take(job: Job): void;
	giveBack(): void;
}

/** What an engine is made of; given by the composition root. */
export interface EngineParts {
	/** What the engine is of. */
	readonly darkroom: Darkroom;
	readonly store: Store;
	readonly executor: Executor;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Told of each question that the store did not answer. */
	readonly outage: StoreOutage;
	readonly ids: Ids;
	/** May grow while the engine runs. */
	readonly definitions: ReadonlyMap<string, AnyJobDefinition>;
	readonly sweepOrphans: (olderThanMs: number) => Promise<void>;
}

/** Which engine, with its settings: what an app gives to `createDarkroom`. */
export interface EngineChoice {
	/** A name for logs. */
	readonly name: "embedded" | "inngest";
	/** A wait inside a job at least this long gives its place to another job meanwhile. */
	readonly longWait: Duration;
	readonly create: (parts: EngineParts) => Engine;
}

import { DarkroomError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Queued } from "./ask.ts";
import type { Connections } from "./connection.ts";

/** How often it is looked whether an owner's lock is free again, in ms. */
const lookEveryMs = 50;
/** How long callers wait for it before they are told, in ms. */
const limitMs = 5_000;

export interface BlockedOwnersOptions {
	readonly connections: Connections;
	readonly named: (sql: string) => string;
	readonly logger: Logger;
	/** What waited may go with the next turn. */
	readonly onFree: (waiting: readonly Queued[]) => void;
}

/**
 * Owners whose lock somebody keeps for longer than a turn waits, such as an app with a job in a transaction of its own that
 * it does not end. What concerns them waits here, out of everyone else's way, until the lock is free.
 */
export class BlockedOwners {
	readonly #options: BlockedOwnersOptions;
	/** When each was found blocked, by the process's own time. */
	readonly #since = new Map<string, number>();
	#waiting: Queued[] = [];
	#timer: NodeJS.Timeout | undefined;

	constructor(options: BlockedOwnersOptions) {
		this.#options = options;
	}

	/** Whether any of an ask's owners is blocked: then it waits here. */
	holds({ ask }: Queued): boolean {
		return this.#since.size > 0 && ask.owners.some((owner) => this.#since.has(owner));
	}

	add(waiting: Queued): void {
		if (waiting.ask.isImpatient) waiting.reject(tooLong());
		else this.#waiting.push(waiting);
	}

	/** Looks which of the owners of a turn are blocked. What concerns them waits here; the result is the rest. */
	async sort(batch: readonly Queued[]): Promise<Queued[]> {
		const owners = new Set(batch.flatMap(({ ask }) => ask.owners));
		const free = await this.#findFree([...owners]);
		const now = performance.now();
		for (const owner of owners) if (!free.has(owner) && !this.#since.has(owner)) this.#since.set(owner, now);
		const rest: Queued[] = [];
		for (const one of batch) {
			if (this.holds(one)) this.add(one);
			else rest.push(one);
		}
		this.#lookAgain();
		return rest;
	}

	/** Nobody waits any longer. */
	close(error: DarkroomError): void {
		clearTimeout(this.#timer);
		this.#since.clear();
		for (const { reject } of this.#waiting.splice(0)) reject(error);
	}

	/** Those that are not there yet are free, too. */
	async #findFree(owners: readonly string[]): Promise<Set<string>> {
		const { connections, named } = this.#options;
		const locked = await connections.query<{ owner: string }>(
			named(
				`SELECT owner FROM darkroom.accounts WHERE owner = ANY ($1) AND owner NOT IN
				   (SELECT owner FROM darkroom.accounts WHERE owner = ANY ($1) FOR NO KEY UPDATE SKIP LOCKED)`,
			),
			[owners],
		);
		const blocked = new Set(locked.map(({ owner }) => owner));
		return new Set(owners.filter((owner) => !blocked.has(owner)));
	}

	#lookAgain(): void {
		if (this.#timer || this.#since.size === 0) return;
		this.#timer = setTimeout(() => void this.#look(), lookEveryMs);
	}

	async #look(): Promise<void> {
		this.#timer = undefined;
		const free = await this.#findFree([...this.#since.keys()]).catch((error: unknown) => {
			this.#options.logger.warn({ err: error as Error }, "could not look whether an owner's lock is free");
			// Those who wait are told by the database itself, when they are sent again.
			return new Set(this.#since.keys());
		});
		for (const owner of free) this.#since.delete(owner);
		const now = performance.now();
		const late = new Set([...this.#since].filter(([, since]) => now - since > limitMs).map(([owner]) => owner));
		const still: Queued[] = [];
		const ready: Queued[] = [];
		for (const one of this.#waiting) {
			if (one.ask.owners.some((owner) => late.has(owner))) one.reject(tooLong());
			else (this.holds(one) ? still : ready).push(one);
		}
		this.#waiting = still;
		for (const owner of late) this.#since.delete(owner);
		if (ready.length > 0) this.#options.onFree(ready);
		this.#lookAgain();
	}
}

function tooLong(): DarkroomError {
	return new DarkroomError("store_unavailable", {
		detail: "A transaction elsewhere holds this owner's account and does not end. Try again in a moment.",
		retryAfterMs: 1_000,
	});
}

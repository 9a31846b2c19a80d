import type { Inngest } from "inngest";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Change, Dispatch, Store } from "../../store/store.ts";
import { outsideOfAnyRequest } from "../running-step.ts";
import type { StoreOutage } from "../store-outage.ts";
import { cancelledEvent, eventId, type JobEventData, requestedEvent } from "./events.ts";

/** Events of one request: far within Inngest's limits (5,000 events, 3 MB), and soon answered. */
const batchSize = 500;
/** The longest that an event waits until it is sent again. */
const mostMs = 60_000;
/** After a send that failed, Inngest is asked again after this long, then after twice that and so on. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export interface DispatcherOptions {
	readonly client: Inngest.Any;
	readonly store: Pick<Store, "takeDispatches">;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly outage: StoreOutage;
	readonly kinds: () => readonly string[];
	/** When an event is sent again unless its run has begun by then, in ms. */
	readonly resendAfterMs: number;
}

interface Event {
	readonly name: string;
	readonly id: string;
	readonly data: JobEventData;
	/** When it came to be, ms since 1970. */
	readonly ts: number;
}

/**
 * Sends an event for each job that waits for a worker: the queue is the outbox, so a job that is there is never forgotten.
 * An event that Inngest has accepted can still be lost with its server, so it is sent again, under the same id, until the
 * job's run has begun, which takes the job out of the queue.
 *
 *     waits for a worker ── take (due again later) ── send ──► Inngest ──► the run begins: no more to send
 *          ▲                        │ refused, or lost: it stays, and is due again
 *          └────────────────────────┘
 */
export class Dispatcher {
	readonly #options: DispatcherOptions;
	#sending: Promise<number> | undefined;
	/** News came while a round was on its way. */
	#mustLookAgain = false;
	#pauseMs = 0;
	#pausedUntil = 0;
	#cancels: Event[] = [];

	constructor(options: DispatcherOptions) {
		this.#options = options;
	}

	/** Sends what is due. Resolves with how many jobs' events were taken by Inngest. Never rejects. */
	flush(): Promise<number> {
		if (this.#sending) {
			this.#mustLookAgain = true;
			return this.#sending;
		}
		if (this.#options.clock.now() < this.#pausedUntil) return Promise.resolve(0);
		// Whoever submitted the job has nothing to do with the others that are sent along.
		this.#sending = outsideOfAnyRequest(() => this.#rounds()).finally(() => {
			this.#sending = undefined;
		});
		return this.#sending;
	}

	/** Resolves when nothing is on its way to Inngest any more. */
	async idle(): Promise<void> {
		await this.#sending;
	}

	onChange({ kind, jobId, owner, change, status, hasEnded, claimable, revokedLeaseToken }: Change): void {
		// What its own run has ended needs no word to that run.
		const wasEndedFromOutside = hasEnded && (status === "cancelled" || revokedLeaseToken);
		if (wasEndedFromOutside) {
			const ts = this.#options.clock.now();
			this.#cancels.push({ name: cancelledEvent(kind), id: eventId(jobId, change), data: { jobId, owner }, ts });
		}
		if (claimable || wasEndedFromOutside) void this.flush();
	}

	async #rounds(): Promise<number> {
		let sent = 0;
		do {
			this.#mustLookAgain = false;
			if (!(await this.#sendCancels())) break;
			const taken = await this.#round();
			sent += taken;
			if (taken === batchSize) this.#mustLookAgain = true;
		} while (this.#mustLookAgain && this.#pauseMs === 0);
		return sent;
	}

	async #round(): Promise<number> {
		const { store, clock, kinds, resendAfterMs, logger, outage } = this.#options;
		let due: readonly Dispatch[];
		try {
			const take = { kinds: kinds(), limit: batchSize, now: clock.now(), firstMs: resendAfterMs, mostMs };
			due = await store.takeDispatches(take);
			outage.answered();
		} catch (error) {
			// What waits is safe in the store, and the next look finds it.
			if (!outage.explains(error, "read the outbox")) {
				logger.error({ err: error as Error }, "could not read the outbox");
			}
			return 0;
		}
		if (due.length === 0) return 0;
		const events = due.map(({ kind, jobId, owner, change, sends }) => ({
			name: requestedEvent(kind),
			id: eventId(jobId, change, sends),
			data: { jobId, owner },
			ts: clock.now(),
		}));
		const again = due.filter(({ sends }) => sends > 1).length;
		if (again > 0) logger.warn({ jobs: again }, "runs have not begun, sending their events again");
		return (await this.#send(events)) ? due.length : 0;
	}

	/** Whether they were taken. The best that can be done: a run that hears nothing finds at its next call that nothing is left to do. */
	async #sendCancels(): Promise<boolean> {
		const cancels = this.#cancels;
		this.#cancels = [];
		for (let from = 0; from < cancels.length; from += batchSize) {
			if (!(await this.#send(cancels.slice(from, from + batchSize)))) return false;
		}
		return true;
	}

	async #send(events: readonly Event[]): Promise<boolean> {
		const { client, clock, logger } = this.#options;
		try {
			await client.send([...events]);
			this.#pauseMs = 0;
			return true;
		} catch (error) {
			this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs === 0 ? firstPauseMs : 2 * this.#pauseMs);
			this.#pausedUntil = clock.now() + this.#pauseMs;
			const reason = reasonOf(error);
			logger.warn({ events: events.length, reason, err: error as Error }, "could not send events, trying again later");
			return false;
		}
	}
}

/** In words of our own: those of the SDK may hold what a server answered, and logs may leave them out. */
function reasonOf(error: unknown): string {
	const { message = "", cause } = error as { readonly message?: string; readonly cause?: { readonly code?: string } };
	const [, status] = /^Inngest API Error: (\d{3})\b/.exec(message) ?? [];
	if (status === undefined) return `Inngest cannot be reached: ${cause?.code ?? "no answer"}`;
	return ["401", "403", "404"].includes(status)
		? `Inngest refuses the event key: ${status}`
		: `Inngest answered ${status}`;
}

import type { Clock } from "../core/clock.ts";
import { EventLink } from "./event-link.ts";
import type { JobCache } from "./job-cache.ts";
import { Observable } from "./observable.ts";
import type { Page } from "./page.ts";
import { Poller, type Round } from "./poller.ts";
import type { ProblemError } from "./problem-error.ts";
import type { Request } from "./request.ts";

/** Ms without any change after which watching active jobs stops until somebody looks again. */
const restAfterMs = 180_000;
/** Ms that the connection outlives its last target, so that a change of page keeps it. */
const lingerMs = 1_000;
/** Ms after which a hidden page gives its connection back: a browser has only six for a site over HTTP/1.1. */
const hiddenAfterMs = 30_000;

/** Something on the page that wants news. */
export interface WatchTarget {
	/** The one job that it shows; undefined for a list. */
	readonly jobId?: string;
	/** Whether something that it shows still goes on, or may do. */
	isActive(): boolean;
	/** Whether its last read got no answer. */
	hasFailed(): boolean;
	/** Whether it shows a job that waits behind others: its place in the queue is no news of its own, so it is asked for. */
	isInQueue(): boolean;
	/** Asks the server anew, outside the stream. Never rejects; resolves with what went wrong. */
	reread(): Promise<ProblemError | null>;
}

export interface WatcherState {
	/** Nothing has changed for 3 minutes, so nobody looks any more; the jobs are not harmed. */
	readonly isResting: boolean;
	/** The server could not be reached, or not answer because its store is away, when it was last asked. */
	readonly isOffline: boolean;
}

export interface WatcherOptions {
	readonly request: Request;
	readonly cache: JobCache;
	readonly clock: Clock;
	readonly page: Page;
}

/**
 * Brings news of jobs into the cache: one connection a page, however much is watched.
 *
 * - It opens with the first target and closes shortly after the last; it resumes with its cursor, so nothing is
 *   missed in between, and the cache lets nothing through twice.
 * - When the stream fails, polling takes over until a later try of the stream succeeds; beside the stream it asks
 *   only for places in the queue. In a hidden tab polling pauses at once and the stream after half a minute;
 *   both go on the moment the tab is seen again.
 * - A read that was made before a fresh stream had caught up may have missed what came in between, so what
 *   the stream did not show is read once more.
 *
 *     idle ──attach──► streaming ──fails──► polling ──stream is back──► streaming
 *                          └──3 minutes without a change──► resting ──wake──► streaming
 */
export class Watcher extends Observable<WatcherState> {
	readonly #options: WatcherOptions;
	readonly #link: EventLink;
	readonly #poller: Poller;
	readonly #targets = new Set<WatchTarget>();
	/** The stream has failed: what is watched is polled. */
	#isDown = false;
	#changes = 0;
	#cancelRest = () => {};
	#cancelHalt = () => {};
	#cancelHidden = () => {};
	#leavePage: (() => void) | undefined;
	#leaveCache = () => {};

	constructor(options: WatcherOptions) {
		super({ isResting: false, isOffline: false });
		this.#options = options;
		this.#poller = new Poller(options.clock, () => this.#poll());
		let write = options.cache.openWriter();
		options.cache.subscribe({
			onChange: () => {
				this.#changes++;
			},
			onClear: () => {
				write = options.cache.openWriter();
			},
		});
		this.#link = new EventLink({
			request: options.request,
			clock: options.clock,
			onJob: (job) => void write(job),
			onUp: (seen) => this.#goUp(seen),
			onDown: () => this.#goDown(),
		});
	}

	/** Brings news for as long as it is not called back. */
	attach(target: WatchTarget): () => void {
		this.#targets.add(target);
		this.#cancelHalt();
		if (!this.#leavePage) this.#begin();
		this.wake();
		return () => {
			if (!this.#targets.delete(target) || this.#targets.size > 0) return;
			this.#cancelHalt = this.#options.clock.after(lingerMs, () => this.#halt());
		};
	}

	/** Looks again, at once, after a rest. */
	readonly wake = (): void => {
		this.update({ isResting: false });
		this.#postponeRest();
		this.#look();
	};

	/** Begins anew for another viewer. */
	restart(): void {
		this.#link.close();
		this.#link.forget();
		if (this.#leavePage) this.wake();
	}

	#begin(): void {
		this.#leavePage = this.#options.page.subscribe(() => this.#onPage());
		this.#leaveCache = this.#options.cache.subscribe({
			onChange: () => {
				// Only an act of this page can change a job while nobody looks: a submit, a retry. It wants news again.
				if (this.getSnapshot().isResting) this.wake();
				else this.#postponeRest();
			},
			onClear: () => {},
		});
	}

	#halt(): void {
		this.#close();
		this.#cancelRest();
		this.#leavePage?.();
		this.#leavePage = undefined;
		this.#leaveCache();
		this.update({ isResting: false, isOffline: false });
	}

	#look(): void {
		this.#cancelHidden();
		if (this.#options.page.isHidden()) return;
		this.#link.open();
		this.#poller.start();
	}

	#close(): void {
		this.#cancelHidden();
		this.#link.close();
		this.#poller.stop();
		this.#isDown = false;
	}

	#onPage(): void {
		if (!this.#options.page.isHidden()) {
			this.wake();
			return;
		}
		this.#poller.stop();
		this.#cancelHidden();
		this.#cancelHidden = this.#options.clock.after(hiddenAfterMs, () => this.#link.close());
	}

	#goUp(seen: ReadonlySet<string> | undefined): void {
		this.#isDown = false;
		this.update({ isOffline: false });
		for (const target of this.#targets) {
			if (target.hasFailed() || (seen && mayHaveMissed(target, seen))) void target.reread();
		}
	}

	#goDown(): void {
		if (this.#isDown) return;
		this.#isDown = true;
		if (!this.#options.page.isHidden()) this.#poller.restart();
	}

	async #poll(): Promise<Round> {
		const before = this.#changes;
		const wanted = [...this.#targets].filter((target) => this.#isToBePolled(target));
		const errors = await Promise.all(wanted.map((target) => target.reread()));
		if (wanted.length > 0) this.update({ isOffline: errors.some((error) => error?.isOutcomeUnknown) });
		return {
			hasChanged: this.#changes !== before,
			retryAfterMs: Math.max(0, ...errors.map((error) => error?.retryAfterMs ?? 0)),
		};
	}

	#isToBePolled(target: WatchTarget): boolean {
		if (!this.#isDown) return target.isInQueue();
		// A list may gain a job at any time; a single job that is final stays as it is.
		return target.jobId === undefined || target.isActive();
	}

	#postponeRest(): void {
		this.#cancelRest();
		this.#cancelRest = this.#options.clock.after(restAfterMs, () => this.#rest());
	}

	#rest(): void {
		// A gallery where everything is final stays open to new jobs: it waits for nothing that could be stuck.
		if (![...this.#targets].some((target) => target.isActive())) {
			this.#postponeRest();
			return;
		}
		this.#close();
		this.update({ isResting: true });
	}
}

/** Whether something may have happened between the target's read and the beginning of a stream that has shown `seen`. */
function mayHaveMissed(target: WatchTarget, seen: ReadonlySet<string>): boolean {
	if (target.jobId === undefined) return true;
	return target.isActive() && !seen.has(target.jobId);
}

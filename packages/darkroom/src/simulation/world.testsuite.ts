import { Chance } from "../testing/chance.testsuite.ts";

/** The first moment of 2030, so that nobody takes it for the real time. */
const startsAt = Date.UTC(2030, 0, 1);

/**
 * Events for each turn of the real event loop. Between two immediates of one turn Node runs all microtasks, and asks the
 * system for nothing.
 */
const eventsPerRound = 32;

interface Timer {
	readonly dueAt: number;
	readonly callback: () => void;
}

/** For listeners: an error of theirs ends the schedule that is played, so that its seed is told. */
export function throwAtOnce(error: unknown): never {
	throw error;
}

/** A promise of the architecture that did not hold, in words. */
export interface Violation {
	/** Its number in architecture.md, section 3; 0 for what no promise names, such as an error nobody expected. */
	readonly promise: number;
	readonly words: string;
}

/**
 * Whatever can do something by itself: a process, or the people and the faults around them. It has the event loop of
 * its own that a process has: work deferred to the end of a turn, in order, and timers, in the order they are due.
 */
export class Actor {
	readonly name: string;
	isAlive = true;
	/** Until then nothing happens in it; what is due comes late. */
	frozenUntil = 0;
	readonly #deferred: (() => void)[] = [];
	readonly #timers: Timer[] = [];

	constructor(name: string) {
		this.name = name;
	}

	/** Its turns go on in the order in which they were asked for. */
	readonly defer = (work: () => void): void => void this.#deferred.push(work);

	setTimer(timer: Timer): () => void {
		this.#timers.push(timer);
		return () => {
			const index = this.#timers.indexOf(timer);
			if (index >= 0) this.#timers.splice(index, 1);
		};
	}

	/** When it has something to do next; never is Infinity. */
	nextAt(now: number): number {
		if (!this.isAlive) return Number.POSITIVE_INFINITY;
		let next = this.#deferred.length > 0 ? now : Number.POSITIVE_INFINITY;
		for (const { dueAt } of this.#timers) if (dueAt < next) next = dueAt;
		return Math.max(next, this.frozenUntil);
	}

	/** Takes out what it does now: of a turn's work and a due timer either may come first. */
	take(now: number, chance: Chance): () => void {
		const due = this.#firstDue(now);
		if (due !== undefined && (this.#deferred.length === 0 || chance.is(0.5))) {
			this.#timers.splice(this.#timers.indexOf(due), 1);
			return due.callback;
		}
		return this.#deferred.shift() as () => void;
	}

	#firstDue(now: number): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of this.#timers) {
			if (timer.dueAt <= now && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
		}
		return first;
	}

	/** Ends as a killed process does: nothing of it happens any more. */
	kill(): void {
		this.isAlive = false;
		this.#deferred.length = 0;
		this.#timers.length = 0;
	}
}

/**
 * Time, and the order of everything. One event at a time is taken from one actor that has something to do, by chance;
 * the promises that it settles run to their end before the next. When nobody has anything to do now, time moves to
 * when somebody has. The real event loop decides nothing: it only lets microtasks run between two events.
 */
export class World {
	readonly chance: Chance;
	readonly seed: number;
	/** ms since 1970. */
	now = startsAt;
	/** Whose event is going on. */
	current: Actor | undefined;
	violation: Violation | undefined;
	/** Events so far. */
	events = 0;
	/** Called between two events. */
	readonly betweenEvents: (() => void)[] = [];
	/** What happened, in words; kept only where somebody wants to read it. */
	readonly story: string[] | undefined;
	readonly #actors: Actor[] = [];
	#hash = 0x811c9dc5;

	constructor(seed: number, keepsStory: boolean) {
		this.seed = seed;
		this.chance = new Chance(seed);
		this.story = keepsStory ? [] : undefined;
	}

	/** Since the schedule began, in ms. */
	get elapsedMs(): number {
		return this.now - startsAt;
	}

	/** Stands for all that happened: two schedules with the same one went alike. */
	get hash(): string {
		return (this.#hash >>> 0).toString(16).padStart(8, "0");
	}

	add<A extends Actor>(actor: A): A {
		this.#actors.push(actor);
		return actor;
	}

	after(actor: Actor, delayMs: number, callback: () => void): () => void {
		// Whole milliseconds, as setTimeout counts.
		return actor.setTimer({ dueAt: this.now + Math.trunc(Math.max(0, delayMs)), callback });
	}

	/** Writes down what happens: into the hash, and into the story where one is kept. */
	note(words: string): void {
		let hash = this.#hash;
		for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words.charCodeAt(i), 0x01000193);
		this.#hash = hash;
		this.story?.push(`${String(this.elapsedMs).padStart(6)} ${this.current?.name ?? "-"}: ${words}`);
	}

	/** The first promise that did not hold ends the schedule. */
	fail(promise: number, words: string): void {
		this.note(`broken promise ${promise}: ${words}`);
		this.violation ??= { promise, words };
	}

	check(promise: number, holds: boolean, words: () => string): void {
		if (!holds) this.fail(promise, words());
	}

	/** Goes on until `isDone`, a violation, `untilMs` on the world's clock, or nothing is left to happen. */
	run(isDone: () => boolean, until: number): Promise<void> {
		return new Promise((resolve, reject) => {
			let isOver = false;
			const next = () => {
				if (isOver) return;
				try {
					for (const call of this.betweenEvents) call();
					isOver = this.violation !== undefined || isDone() || !this.#step(until);
				} catch (error) {
					isOver = true;
					reject(error);
				}
				if (!isOver) return;
				this.current = undefined;
				resolve();
			};
			const round = () => {
				if (isOver) return;
				for (let event = 0; event < eventsPerRound; event++) setImmediate(next);
				setImmediate(round);
			};
			round();
		});
	}

	#step(until: number): boolean {
		let able = this.#actors.filter((actor) => actor.nextAt(this.now) <= this.now);
		if (able.length === 0) {
			const next = this.#actors.reduce((soonest, a) => Math.min(soonest, a.nextAt(this.now)), Number.POSITIVE_INFINITY);
			if (next > until) return false;
			this.now = next;
			able = this.#actors.filter((actor) => actor.nextAt(next) <= next);
		}
		const actor = this.chance.pick(able);
		this.current = actor;
		this.events++;
		actor.take(this.now, this.chance)();
		return true;
	}
}

import { reportRounds } from "./tally.testsuite.ts";

/** How often a fault is done. */
export interface Plan {
	/** Rounds within the other tests. */
	readonly short: number;
	/** Rounds of the long form. */
	readonly long: number;
	/** What the long form may take of `budgetMinutes`, on each of its stores: more than it needs on two idle cores. */
	readonly minutes: number;
	readonly stores: 1 | 2;
}

/** The long form of all faults ends within this, whatever the machine; in minutes. */
export const budgetMinutes = 20;

export const plans = {
	"killed workers": { short: 4, long: 200, minutes: 4.3, stores: 2 },
	"long leases": { short: 2, long: 8, minutes: 0.6, stores: 1 },
	"killed database": { short: 2, long: 40, minutes: 2, stores: 1 },
	"cut connections": { short: 8, long: 150, minutes: 2.5, stores: 1 },
	"rolling restart": { short: 1, long: 20, minutes: 1.5, stores: 2 },
	"same instant": { short: 1, long: 15, minutes: 1.25, stores: 2 },
	"wrong clock": { short: 1, long: 12, minutes: 1.25, stores: 2 },
	"frozen worker": { short: 1, long: 15, minutes: 0.75, stores: 2 },
	"full disk of rows": { short: 2, long: 16, minutes: 1.5, stores: 1 },
	"full disk of assets": { short: 1, long: 8, minutes: 0.5, stores: 2 },
} as const satisfies Record<string, Plan>;

export type Fault = keyof typeof plans;

/** The share of the long form's rounds that this run is to have, more than 0; the short form where nothing is said. */
const share = process.env.FAULT_SHARE ? Number(process.env.FAULT_SHARE) : undefined;
/** Of it, what begins and ends the tests, however few rounds they have. */
const asideMinutes = 2;
/** What all of it may take, in minutes. */
const givenMinutes = Number(process.env.FAULT_MINUTES ?? budgetMinutes);

function planned({ short, long }: Plan): number {
	return share === undefined ? short : Math.max(1, Math.round(long * share));
}

function allowedMs({ minutes }: Plan): number {
	if (share === undefined) return Number.POSITIVE_INFINITY;
	return (minutes * 60_000 * Math.max(0, givenMinutes - asideMinutes)) / (budgetMinutes - asideMinutes);
}

/**
 * The rounds of one test, from 1: as many as this run is to have, or as begin within the fault's part of the time, at
 * least one. How many there were is reported when the last is over.
 */
export function* roundsOf(fault: Fault, store: string): Generator<number, void> {
	const plan = plans[fault];
	const endsAt = performance.now() + allowedMs(plan);
	let rounds = 0;
	do {
		yield ++rounds;
	} while (rounds < planned(plan) && performance.now() < endsAt);
	reportRounds({ fault, store, rounds, planned: planned(plan) });
}

/** How long such a test may take, in ms: far more than it does on a busy machine, so that only what hangs is ended. */
export function limitOf(fault: Fault): number {
	const plan = plans[fault];
	return 600_000 + Math.min(planned(plan) * 30_000, allowedMs(plan));
}

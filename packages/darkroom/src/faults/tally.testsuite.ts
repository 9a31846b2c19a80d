import { appendFileSync } from "node:fs";

/** What one run came to. */
export interface FaultTally {
	/** What was done, such as `killed workers`. */
	readonly fault: string;
	readonly store: string;
	readonly jobs: number;
	readonly steps: number;
	/** Processes of the app that were killed with SIGKILL. */
	readonly kills: number;
	/** Everything else that was done to it. */
	readonly faults: number;
	/** How often all rules were asked of the living database. */
	readonly looks: number;
	readonly violations: number;
	readonly seed: number;
}

/** How many rounds of a fault there were, of those that were wanted: fewer where the time was over. */
export interface FaultRounds {
	readonly fault: string;
	readonly store: string;
	readonly rounds: number;
	readonly planned: number;
}

export function reportRounds(done: FaultRounds): void {
	const { fault, store, rounds, planned } = done;
	if (rounds < planned) console.log(`${fault} on ${store}: ${rounds} of ${planned} rounds, then its time was over`);
	if (process.env.FAULT_REPORT) appendFileSync(process.env.FAULT_REPORT, `${JSON.stringify(done)}\n`);
}

/** Says it, and hands it to the long run that asked for it. */
export function report(tally: FaultTally): void {
	const { fault, store, violations, seed, ...counts } = tally;
	const facts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
	console.log(`${fault} on ${store}: ${facts.join(", ")}, violations ${violations} (seed ${seed})`);
	if (process.env.FAULT_REPORT) appendFileSync(process.env.FAULT_REPORT, `${JSON.stringify(tally)}\n`);
}

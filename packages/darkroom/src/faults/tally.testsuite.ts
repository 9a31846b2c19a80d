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

/** Says it, and hands it to the long run that asked for it. */
export function report(tally: FaultTally): void {
	const { fault, store, violations, seed, ...counts } = tally;
	const facts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
	console.log(`${fault} on ${store}: ${facts.join(", ")}, violations ${violations} (seed ${seed})`);
	if (process.env.FAULT_REPORT) appendFileSync(process.env.FAULT_REPORT, `${JSON.stringify(tally)}\n`);
}

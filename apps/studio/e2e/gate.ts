import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the models of a Studio that works on this folder look for whether they may answer what says `[gate]`. */
export function gateIn(dataFolder: string): string {
	return join(dataFolder, "gate-is-open");
}

/** Keeps a job under way for as long as a test looks at it, however long that is on the machine. */
export class Gate {
	readonly #path: string;

	/** @param dataFolder of the Studio whose models wait */
	constructor(dataFolder: string) {
		this.#path = gateIn(dataFolder);
	}

	/** From now on every prompt with `[gate]` is answered. */
	open(): void {
		writeFileSync(this.#path, "");
	}

	close(): void {
		rmSync(this.#path, { force: true });
	}
}

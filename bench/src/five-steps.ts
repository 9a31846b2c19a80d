import { createDarkroom, type Darkroom, defineJob, type EmbeddedOptions, embedded, type Store } from "darkroom";
import { z } from "zod";
import { type CreateDatabase, createSqlite } from "./databases.ts";

export const stepNames = ["one", "two", "three", "four", "five"];

/** Called by each job of `fiveSteps` when its first step begins; a scenario sets it. */
export const probe = { onFirstStep: (_n: number) => {} };

/** The work of the comparison: five durable steps that return at once, one credit, at most five active per owner. */
export const fiveSteps = defineJob({
	kind: "five-steps",
	input: z.object({ n: z.number() }),
	output: z.object({ sum: z.number() }),
	credits: { price: 1 },
	limits: { activePerOwner: 5 },
	async run({ input, step }) {
		let sum = 0;
		// No iterator: what this code allocates would be measured as Darkroom's.
		for (let index = 0; index < stepNames.length; index++) {
			sum += await step.run(stepNames[index] as string, () => {
				if (index === 0) probe.onFirstStep(input.n);
				return input.n + index;
			});
		}
		return { sum };
	},
});

export function ownerOf(n: number, owners: number): string {
	return `owner-${n % owners}`;
}

export interface Bench {
	readonly darkroom: Darkroom;
	readonly store: Store;
	/** What the database takes of the disk, in bytes. */
	bytes(): Promise<number>;
	close(): Promise<void>;
}

export interface BenchOptions {
	readonly owners: number;
	/** What each owner is given. */
	readonly credits: number;
	/** Default: the engine's own settings. */
	readonly engine?: EmbeddedOptions;
	/** Default: SQLite. */
	readonly create?: CreateDatabase;
}

/** A Darkroom on a new database, with credits enough for every owner. */
export async function openBench({ owners, credits, engine = {}, create = createSqlite }: BenchOptions): Promise<Bench> {
	const database = create();
	const store = database.connect();
	const darkroom = createDarkroom({ jobs: [fiveSteps], store, engine: embedded(engine) });
	await darkroom.start();
	await grantAll(darkroom, owners, credits);
	return {
		darkroom,
		store,
		bytes: () => database.bytes(),
		async close() {
			await darkroom.stop();
			await database.remove();
		},
	};
}

/** Once, however many processes do it. */
export async function grantAll(darkroom: Darkroom, owners: number, amount: number): Promise<void> {
	for (let n = 0; n < owners; n++) await darkroom.grantCredits({ owner: ownerOf(n, owners), amount, key: "bench" });
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDarkroom, type Darkroom, defineJob, type EmbeddedOptions, embedded } from "darkroom";
import { sqlite } from "darkroom/sqlite";
import { z } from "zod";

export const stepNames = ["one", "two", "three", "four", "five"] as const;

/** Called by each job of `fiveSteps` when its first step begins and when its code ends. */
export const probe = { onFirstStep: (_n: number) => {}, onEnd: (_n: number) => {} };

/** The work of the comparison: five durable steps that return at once, one credit, at most five active per owner. */
export const fiveSteps = defineJob({
	kind: "five-steps",
	input: z.object({ n: z.number() }),
	output: z.object({ sum: z.number() }),
	credits: { price: 1 },
	limits: { activePerOwner: 5 },
	async run({ input, step }) {
		let sum = 0;
		for (const [index, name] of stepNames.entries()) {
			sum += await step.run(name, () => {
				if (index === 0) probe.onFirstStep(input.n);
				return input.n + index;
			});
		}
		probe.onEnd(input.n);
		return { sum };
	},
});

export const ownerOf = (n: number, owners: number) => `owner-${n % owners}`;

export interface Bench {
	readonly darkroom: Darkroom;
	readonly folder: string;
	close(): Promise<void>;
}

/** A Darkroom on a new SQLite file, with credits enough for every owner. */
export async function openBench(owners: number, credits: number, engine: EmbeddedOptions): Promise<Bench> {
	const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), "darkroom-bench-"));
	const darkroom = createDarkroom({
		jobs: [fiveSteps],
		store: sqlite(join(folder, "darkroom.db")),
		engine: embedded(engine),
	});
	await darkroom.start();
	for (let n = 0; n < owners; n++) {
		await darkroom.grantCredits({ owner: ownerOf(n, owners), amount: credits, key: "bench" });
	}
	return {
		darkroom,
		folder,
		async close() {
			await darkroom.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

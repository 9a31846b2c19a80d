import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createDarkroom, defineJob } from "darkroom";
import { sqlite } from "darkroom/sqlite";
import { z } from "zod";
import { type Figure, median } from "../figures.ts";
import { benchFolder } from "../machine.ts";

const steps = 1_000;
const rounds = 5;
const compared = 100;

/** Whether a job's steps get dearer as they become many: the last hundred against the first hundred. */
export async function manySteps(): Promise<Figure[]> {
	const folder = mkdtempSync(join(benchFolder, "darkroom-bench-"));
	let times: number[] = [];
	const long = defineJob({
		kind: "long",
		input: z.object({}),
		output: z.null(),
		async run({ step }) {
			times = [];
			for (let n = 0; n < steps; n++) {
				const startedAt = performance.now();
				await step.run(`step-${n}`, () => n);
				times.push(performance.now() - startedAt);
			}
			return null;
		},
	});
	const store = sqlite(join(folder, "darkroom.db"));
	const darkroom = createDarkroom({ jobs: [long], store });
	const firsts: number[] = [];
	const lasts: number[] = [];
	for (let round = 0; round <= rounds; round++) {
		const completed = Promise.withResolvers<void>();
		const stopListening = store.onChange((changes) => {
			if (changes.some(({ status }) => status === "completed")) completed.resolve();
		});
		await darkroom.submit(long, { owner: "ada", input: {} });
		await completed.promise;
		stopListening();
		// The first round warms up.
		if (round === 0) continue;
		firsts.push(median(times.slice(0, compared)));
		lasts.push(median(times.slice(-compared)));
	}
	await darkroom.stop();
	rmSync(folder, { recursive: true, force: true });
	return [
		{ name: "a step among the first 100 of 1,000", value: median(firsts), unit: "ms" },
		{
			name: "  among the last 100, as a multiple",
			value: median(lasts) / median(firsts),
			unit: "×",
			target: { most: 1.3 },
		},
	];
}

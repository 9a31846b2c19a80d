import { type CreateDatabase, createSqlite } from "../databases.ts";
import { type Figure, median, percentile } from "../figures.ts";
import { fiveSteps, openBench, ownerOf, probe } from "../five-steps.ts";
import { createPostgres } from "../postgres-database.ts";

const samples = 2_000;
const warmUp = 500;
const owners = 50;

/** One job at a time on an idle Darkroom: from the call of `submit` to the first line of its first step. */
export function latency(): Promise<Figure[]> {
	return measure(createSqlite, { median: 1, p99: 5 });
}

/** The same on Postgres: a round trip and a sync of the server more. */
export function postgresLatency(): Promise<Figure[]> {
	return measure(createPostgres, { median: 2, p99: 5 });
}

async function measure(create: CreateDatabase, most: { median: number; p99: number }): Promise<Figure[]> {
	const { darkroom, store, close } = await openBench({ owners, credits: samples + warmUp, create });
	const times: number[] = [];
	for (let n = 0; n < samples + warmUp; n++) {
		const completed = Promise.withResolvers<void>();
		const stopListening = store.onChange((changes) => {
			if (changes.some(({ status }) => status === "completed")) completed.resolve();
		});
		let firstStepAt = 0;
		probe.onFirstStep = () => {
			firstStepAt = performance.now();
		};
		const submittedAt = performance.now();
		await darkroom.submit(fiveSteps, { owner: ownerOf(n, owners), input: { n } });
		await completed.promise;
		stopListening();
		if (n >= warmUp) times.push(firstStepAt - submittedAt);
	}
	await close();
	return [
		{ name: "submit to first step, idle, median", value: median(times), unit: "ms", target: { most: most.median } },
		{ name: "  99th percentile", value: percentile(times, 99), unit: "ms", target: { most: most.p99 } },
	];
}

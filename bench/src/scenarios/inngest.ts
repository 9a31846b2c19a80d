import { setTimeout as pause } from "node:timers/promises";
import { type Figure, median, percentile } from "../figures.ts";
import { fiveSteps, ownerOf, probe } from "../five-steps.ts";
import { type BareApp, type DarkroomApp, serveBare, serveDarkroom, type Traffic } from "../inngest-apps.ts";
import { runJobs } from "../run-jobs.ts";

const owners = 200;
const jobs = 500;
const warmUpRounds = 1;
const rounds = 5;
const samples = 200;
const warmUpSamples = 10;
/** Between readings, for what the server still has to write about the last. */
const restMs = 500;
/** What Darkroom may add to a bare function. */
const most = 1.15;

/**
 * Five steps as a job of Darkroom's on Inngest, against the same five as a function of Inngest's without Darkroom: on the same
 * server, from the same process, in turns.
 */
export async function inngestRuns(): Promise<Figure[]> {
	const serverUrl = process.env.BENCH_INNGEST_URL ?? "";
	const count = (warmUpRounds + rounds) * jobs + warmUpSamples + samples;
	const bare = await serveBare(serverUrl);
	const ours = await serveDarkroom(serverUrl, owners, count);
	const throughput = await measureThroughput(bare, ours);
	const latency = await measureLatency(bare, ours);
	await ours.close();
	await bare.close();
	return [...throughput, ...latency];
}

async function measureThroughput(bare: BareApp, ours: DarkroomApp): Promise<Figure[]> {
	const runOurs = () => runJobs({ ...ours, count: jobs, owners });
	const runBare = async () => {
		const startedAt = performance.now();
		await bare.run(jobs);
		return performance.now() - startedAt;
	};
	for (let round = 0; round < warmUpRounds; round++) {
		await runBare();
		await runOurs();
	}
	const before = { bare: { ...bare.traffic }, ours: { ...ours.traffic }, writes: new Map(ours.writes) };
	const bareMs: number[] = [];
	const oursMs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		await pause(restMs);
		bareMs.push(await runBare());
		await pause(restMs);
		oursMs.push(await runOurs());
	}
	const ratios = oursMs.map((ms, round) => ms / (bareMs[round] as number));
	const writes = [...ours.writes].map(
		([name, n]) => [name, (n - (before.writes.get(name) ?? 0)) / (rounds * jobs)] as const,
	);
	const note = `median of ${rounds} rounds of ${jobs}, in turns, after ${warmUpRounds} to warm up`;
	return [
		{ name: "a bare function of five steps, runs a second", value: perSecond(bareMs), unit: "runs/s", note },
		{ name: "a job of five steps on Inngest, jobs a second", value: perSecond(oursMs), unit: "jobs/s", note },
		{ name: "  time of a round, as a multiple of the bare one's", value: median(ratios), unit: "×", target: { most } },
		traffic("  bare: HTTP requests a run", bare.traffic, before.bare),
		traffic("  a job: HTTP requests", ours.traffic, before.ours),
		{
			name: "  a job: writes of the store",
			value: writes.reduce((sum, [, n]) => sum + n, 0),
			unit: "writes",
			note: writes.map(([name, n]) => `${name} ${n.toFixed(n % 1 === 0 ? 0 : 2)}`).join(", "),
		},
	];
}

function perSecond(elapsedMs: readonly number[]): number {
	return (jobs * 1_000) / median(elapsedMs);
}

function traffic(name: string, now: Traffic, before: Traffic): Figure {
	const calls = (now.calls - before.calls) / (rounds * jobs);
	const requests = (now.requests - before.requests) / (rounds * jobs);
	const note = `${calls.toFixed(2)} by Inngest, ${requests.toFixed(2)} to it`;
	return { name, value: calls + requests, unit: "requests", note };
}

interface Latencies {
	readonly firstStep: number[];
	readonly total: number[];
}

/** One at a time on idle apps, in turns. */
async function measureLatency(bare: BareApp, ours: DarkroomApp): Promise<Figure[]> {
	const ofBare: Latencies = { firstStep: [], total: [] };
	const ofOurs: Latencies = { firstStep: [], total: [] };
	for (let n = 0; n < warmUpSamples + samples; n++) {
		const counts = n >= warmUpSamples;
		await sample(() => bare.run(1), counts ? ofBare : undefined);
		await sample(() => runOne(ours, n), counts ? ofOurs : undefined);
	}
	const ratio = median(ofOurs.total) / median(ofBare.total);
	return [
		...describe("bare: send to first step, idle", ofBare.firstStep),
		...describe("a job: submit to first step, idle", ofOurs.firstStep),
		...describe("bare: send to the end of the run, idle", ofBare.total),
		...describe("a job: submit to completed, idle", ofOurs.total),
		{ name: "  medians, as a multiple of the bare one's", value: ratio, unit: "×", target: { most } },
	];
}

async function sample(run: () => Promise<void>, into: Latencies | undefined): Promise<void> {
	let firstStepAt = 0;
	probe.onFirstStep = () => {
		firstStepAt = performance.now();
	};
	const startedAt = performance.now();
	await run();
	into?.total.push(performance.now() - startedAt);
	into?.firstStep.push(firstStepAt - startedAt);
}

async function runOne({ darkroom, store }: DarkroomApp, n: number): Promise<void> {
	const completed = Promise.withResolvers<void>();
	const stopListening = store.onChange((changes) => {
		if (changes.some(({ status }) => status === "completed")) completed.resolve();
	});
	await darkroom.submit(fiveSteps, { owner: ownerOf(n, owners), input: { n } });
	await completed.promise;
	stopListening();
}

function describe(name: string, times: readonly number[]): Figure[] {
	return [
		{ name: `${name}, median`, value: median(times), unit: "ms", note: `of ${samples}, in turns` },
		{ name: "  99th percentile", value: percentile(times, 99), unit: "ms" },
	];
}

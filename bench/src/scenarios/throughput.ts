import { monitorEventLoopDelay } from "node:perf_hooks";
import { fiveSteps, openBench, ownerOf, probe } from "../five-steps.ts";

const owners = 200;
const submitters = 50;

export async function throughput(jobs = 10_000, concurrency = 400) {
	const bench = await openBench(owners, jobs, { concurrency });
	const { darkroom } = bench;
	const run = async (count: number) => {
		let ended = 0;
		let next = 0;
		const allEnded = new Promise<void>((resolve) => {
			probe.onEnd = () => {
				if (++ended === count) resolve();
			};
		});
		const submitter = async () => {
			while (next < count) {
				const n = next++;
				await darkroom.submit(fiveSteps, { owner: ownerOf(n, owners), input: { n } });
			}
		};
		const startedAt = performance.now();
		await Promise.all(Array.from({ length: submitters }, submitter));
		await allEnded;
		while ((await darkroom.tick(0)).remaining) await new Promise((r) => setImmediate(r));
		return (count * 1000) / (performance.now() - startedAt);
	};
	await run(5000);
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	const cpu = process.cpuUsage();
	const perSecond = await run(jobs);
	const used = process.cpuUsage(cpu);
	delay.disable();
	console.log({ perSecond, userUs: used.user / jobs, systemUs: used.system / jobs, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, rssMb: process.memoryUsage.rss() / 1e6 });
	await bench.close();
}
await throughput(Number(process.argv[2] ?? 10000), Number(process.argv[3] ?? 400));

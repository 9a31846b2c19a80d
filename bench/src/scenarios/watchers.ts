import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createHandler } from "darkroom/http";
import { type Figure, percentile } from "../figures.ts";
import { fiveSteps, openBench, ownerOf } from "../five-steps.ts";
import { startClient } from "../start-client.ts";

const watching = 5_000;
const jobs = 2_000;
const jobsASecond = 200;

/** Event streams of 5,000 owners on one process, while 200 jobs a second are submitted: from a job's end to its watcher. */
export async function watchers(): Promise<Figure[]> {
	const { darkroom, close } = await openBench({ owners: watching, credits: 10 });
	const handler = createHandler(darkroom, { viewer: (request) => request.headers.get("cookie") });
	const server = createAdaptorServer({ fetch: handler });
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 8_192, resolve));
	const { port } = server.address() as AddressInfo;
	const client = startClient("watchers", { port, owners: watching, jobs });
	await client.ready;
	const memoryMb = process.memoryUsage.rss() / 1024 ** 2;
	let submitted = 0;
	const timer = setInterval(() => {
		// A hundredth of a second's worth each time.
		for (let n = 0; n < jobsASecond / 100 && submitted < jobs; n++) {
			const owner = ownerOf(submitted * 7 + 3, watching);
			void darkroom.submit(fiveSteps, { owner, input: { n: submitted++ } });
		}
	}, 10);
	const latencies = (await client.result) as number[];
	clearInterval(timer);
	await close();
	server.close();
	return [
		{
			name: "updates seen by their watchers, of 2,000",
			value: latencies.length,
			unit: "updates",
			target: { least: jobs },
		},
		{ name: "from a job's end to its watcher, median", value: percentile(latencies, 50), unit: "ms" },
		{ name: "  99th percentile", value: percentile(latencies, 99), unit: "ms", target: { most: 100 } },
		{ name: "  memory with 5,000 streams open", value: memoryMb, unit: "MB" },
	];
}

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createDarkroom, embedded } from "darkroom";
import { sqlite } from "darkroom/sqlite";
import { type Figure, median } from "../figures.ts";
import { fiveSteps } from "../five-steps.ts";
import { addFinishedJobs } from "../history-database.ts";
import { benchFolder } from "../machine.ts";
import { script } from "../script.ts";

const starts = 7;

/** A new process on a database of a million jobs, one of which waits: from the creation of Darkroom to its first step. */
export async function startup(): Promise<Figure[]> {
	const folder = mkdtempSync(join(benchFolder, "darkroom-bench-"));
	const path = join(folder, "darkroom.db");
	const store = sqlite(path);
	await store.open();
	await store.close();
	addFinishedJobs(path, 1_000_000, 200);
	const times: number[] = [];
	const wholes: number[] = [];
	for (let n = 0; n < starts; n++) {
		await leaveJob(path);
		const { claimMs, processMs } = await startOnce(path);
		times.push(claimMs);
		wholes.push(processMs);
	}
	rmSync(folder, { recursive: true, force: true });
	return [
		{ name: "start with 1,000,000 jobs to the first claim", value: median(times), unit: "ms", target: { most: 200 } },
		{ name: "  counted from the start of the process", value: median(wholes), unit: "ms" },
	];
}

/** A process that works on nothing itself accepts a job. */
async function leaveJob(path: string): Promise<void> {
	const darkroom = createDarkroom({ jobs: [fiveSteps], store: sqlite(path), engine: embedded({ concurrency: 0 }) });
	await darkroom.grantCredits({ owner: "ada", amount: starts, key: "bench" });
	await darkroom.submit(fiveSteps, { owner: "ada", input: { n: 1 } });
	await darkroom.stop();
}

/** Resolves when the process is gone: one that still stops would take the next one's job. */
function startOnce(path: string): Promise<Started> {
	return new Promise((resolve, reject) => {
		const child = fork(script("../start-child", import.meta.url), [path]);
		let started: Started | undefined;
		child.once("message", (message) => {
			started = message as Started;
		});
		child.once("exit", (code) => {
			if (started) resolve(started);
			else reject(new Error(`The child ended with ${code} before it had the job.`));
		});
	});
}

interface Started {
	readonly claimMs: number;
	readonly processMs: number;
}

import { Queue, Worker } from "bullmq";
import { type Contender, type Hooks, inFlight, type Surroundings, steps } from "../contender.ts";

const name = "five-steps";

/** Five calls within one job: nothing of them is stored, a second attempt begins with the first. */
export function openPlain(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, hooks, async () => {
		hooks.onFirstStep();
		for (const step of steps) await Promise.resolve(step);
	});
}

/** As the documentation's "process step jobs" has it: the step reached is stored in the job's data after each. */
export function openStepwise(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, hooks, async (job) => {
		for (let step = job.data.step; step < steps.length; step++) {
			if (step === 0) hooks.onFirstStep();
			await job.updateData({ ...job.data, step: step + 1 });
		}
	});
}

/** How many jobs that have ended stay, as in the documentation's example; without it all stay for ever. */
export const keep = { removeOnComplete: { count: 1_000 }, removeOnFail: { count: 5_000 } };

export function connectionOf(url: string) {
	const { hostname: host, port } = new URL(url);
	return { host, port: Number(port), maxRetriesPerRequest: null };
}

interface Work {
	n: number;
	owner: string;
	step: number;
}
interface StepJob {
	readonly data: Work;
	updateData(data: Work): Promise<void>;
}

async function open({ url }: Surroundings, hooks: Hooks, run: (job: StepJob) => Promise<void>): Promise<Contender> {
	const connection = connectionOf(url);
	const queue = new Queue<Work>(name, { connection, defaultJobOptions: keep });
	const worker = new Worker<Work>(name, run, { connection, concurrency: inFlight });
	worker.on("completed", () => hooks.onCompleted());
	await worker.waitUntilReady();
	return {
		async submit(n, owner) {
			await queue.add(name, { n, owner, step: 0 });
		},
	};
}

import { type FlowJob, FlowProducer, Worker } from "bullmq";
import { type Contender, type Hooks, inFlight, type Surroundings, steps } from "../contender.ts";
import { connectionOf, keep } from "./bullmq.ts";

const queueName = "five-steps";
const last = steps.length - 1;

/** Five jobs in one flow, added together, each of which waits for the one before it: its child, in BullMQ's words. */
export async function openFlow({ url }: Surroundings, hooks: Hooks): Promise<Contender> {
	const connection = connectionOf(url);
	const flows = new FlowProducer({ connection });
	const run = async ({ data }: { data: { step: number } }) => {
		if (data.step === 0) hooks.onFirstStep();
	};
	const worker = new Worker<{ step: number }>(queueName, run, { connection, concurrency: inFlight });
	worker.on("completed", ({ data }) => {
		if (data.step === last) hooks.onCompleted();
	});
	await worker.waitUntilReady();
	return {
		async submit(n, owner) {
			await flows.add(flowOf(n, owner, last));
		},
	};
}

function flowOf(n: number, owner: string, step: number): FlowJob {
	return {
		name: steps[step] as string,
		queueName,
		data: { n, owner, step },
		opts: keep,
		...(step > 0 && { children: [flowOf(n, owner, step - 1)] }),
	};
}

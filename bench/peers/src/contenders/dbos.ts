import { DBOS } from "@dbos-inc/dbos-sdk";
import { type Contender, type Hooks, type Surroundings, steps } from "../contender.ts";

const queueName = "five-steps";

/** Started at once in this process, as the documentation's first example does. No limit per owner can be set. */
export async function openDirect(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	const workflow = await launch(surroundings, hooks);
	return {
		async submit(n, owner) {
			const handle = await DBOS.startWorkflow(workflow)(n, owner);
			countEnd(handle.getResult(), hooks);
		},
	};
}

/** Through a queue partitioned by owner, five at a time in each partition: the limit that Darkroom has. */
export async function openQueued(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	const workflow = await launch(surroundings, hooks, () => hooks.onCompleted());
	await DBOS.registerQueue(queueName, { partitionConcurrency: 5, minPollingIntervalMs: 50 });
	return {
		async submit(n, owner) {
			await DBOS.startWorkflow(workflow, { queueName, enqueueOptions: { queuePartitionKey: owner } })(n, owner);
		},
		async countUnfinished() {
			return (await DBOS.listQueuedWorkflows({ limit: 1 })).length;
		},
	};
}

async function launch({ url }: Surroundings, hooks: Hooks, onReturn?: () => void) {
	DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, logLevel: "error" });
	const workflow = DBOS.registerWorkflow(
		async (n: number, _owner: string) => {
			let sum = 0;
			for (const [index, name] of steps.entries()) {
				sum += await DBOS.runStep(
					async () => {
						if (index === 0) hooks.onFirstStep();
						return n + index;
					},
					{ name },
				);
			}
			onReturn?.();
			return sum;
		},
		{ name: "five-steps" },
	);
	await DBOS.launch();
	return workflow;
}

/** A failure ends the process, and with it the reading. */
function countEnd(result: Promise<unknown>, hooks: Hooks): void {
	result.then(
		() => hooks.onCompleted(),
		(error) => {
			queueMicrotask(() => {
				throw error;
			});
		},
	);
}

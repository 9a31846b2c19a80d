import { OpenWorkflow } from "openworkflow";
import { BackendPostgres } from "openworkflow/postgres";
import { BackendSqlite } from "openworkflow/sqlite";
import { type Contender, type Hooks, inFlight, type Surroundings, steps } from "../contender.ts";

type Backend = BackendPostgres | BackendSqlite;

export function openOnSqlite({ folder }: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(BackendSqlite.connect(`${folder}/openworkflow.db`), hooks);
}

export async function openOnPostgres({ url }: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(await BackendPostgres.connect(url), hooks);
}

async function open(backend: Backend, hooks: Hooks): Promise<Contender> {
	const client = new OpenWorkflow({ backend });
	const workflow = client.defineWorkflow<{ n: number; owner: string }, number>(
		{ name: "five-steps" },
		async ({ input, step }) => {
			let sum = 0;
			for (const [index, name] of steps.entries()) {
				sum += await step.run({ name }, () => {
					if (index === 0) hooks.onFirstStep();
					return input.n + index;
				});
			}
			hooks.onCompleted();
			return sum;
		},
	);
	await client.newWorker({ concurrency: inFlight }).start();
	return {
		async submit(n, owner) {
			await workflow.run({ n, owner });
		},
		async countUnfinished() {
			const { pending, running } = await backend.countWorkflowRuns();
			return pending + running;
		},
	};
}

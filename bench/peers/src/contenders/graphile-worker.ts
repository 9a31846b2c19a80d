import { Logger, run, type TaskList } from "graphile-worker";
import { type Contender, type Hooks, type Surroundings, steps } from "../contender.ts";
import { countRows } from "../count-rows.ts";

interface Work {
	readonly n: number;
	readonly owner: string;
	readonly step: number;
}

/** Five calls within one job: nothing of them is stored, a second attempt begins with the first. */
export function openPlain(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, {
		"five-steps": async () => {
			hooks.onFirstStep();
			for (const step of steps) await Promise.resolve(step);
			hooks.onCompleted();
		},
	});
}

/** Five jobs, each of which adds the next: what is done is out of the table. */
export function openChained(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, {
		"five-steps": async (payload, { addJob }) => {
			const work = payload as Work;
			if (work.step === 0) hooks.onFirstStep();
			if (work.step + 1 < steps.length) await addJob("five-steps", { ...work, step: work.step + 1 });
			else hooks.onCompleted();
		},
	});
}

/** The settings of the documentation's performance page. */
async function open({ url }: Surroundings, taskList: TaskList): Promise<Contender> {
	const runner = await run({
		preset: {
			worker: {
				connectionString: url,
				concurrentJobs: 24,
				maxPoolSize: 25,
				localQueue: { size: 500 },
				completeJobBatchDelay: 0,
				failJobBatchDelay: 0,
				logger: new Logger(() => (level, message) => {
					if (level === "error") console.error(message);
				}),
			},
		},
		taskList,
		parsedCronItems: [],
		noHandleSignals: true,
	});
	return {
		async submit(n, owner) {
			await runner.addJob("five-steps", { n, owner, step: 0 });
		},
		countUnfinished: await countRows(url, "SELECT count(*) FROM graphile_worker.jobs"),
	};
}

import { PgBoss } from "pg-boss";
import { type Contender, type Hooks, type Surroundings, steps } from "../contender.ts";
import { countRows } from "../count-rows.ts";

const queue = "five-steps";

interface Work {
	readonly n: number;
	readonly owner: string;
	readonly step: number;
}

/** Five calls within one job: nothing of them is stored, a second attempt begins with the first. */
export function openPlain(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, { notify: true }, hooks, () => runInOne(hooks));
}

/** The same without LISTEN/NOTIFY, whose commits wait for one another: more jobs a second, each begun later. */
export function openPolled(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, { notify: false }, hooks, () => runInOne(hooks));
}

async function runInOne(hooks: Hooks): Promise<undefined> {
	hooks.onFirstStep();
	for (const step of steps) await Promise.resolve(step);
}

/** Five jobs, each of which sends the next: what is done is stored, as a completed job. */
export function openChained(surroundings: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(surroundings, { notify: true }, hooks, async (work) => {
		if (work.step === 0) hooks.onFirstStep();
		return work.step + 1 < steps.length ? { ...work, step: work.step + 1 } : undefined;
	});
}

async function open(
	{ url }: Surroundings,
	{ notify }: { readonly notify: boolean },
	hooks: Hooks,
	run: (work: Work) => Promise<Work | undefined>,
): Promise<Contender> {
	const boss = new PgBoss({ connectionString: url, useListenNotify: notify, schedule: false });
	boss.on("error", (error) => console.error(error));
	await boss.start();
	await boss.createQueue(queue, { notify });
	const options = {
		batchSize: 50,
		burstWhenBatchFull: true,
		localConcurrency: 2,
		pollingIntervalSeconds: 0.5,
		notifyPollingIntervalSeconds: 0.5,
	};
	await boss.work<Work>(queue, options, async (jobs) => {
		await Promise.all(
			jobs.map(async ({ data }) => {
				const next = await run(data);
				if (next) await boss.send(queue, next);
				else hooks.onCompleted();
			}),
		);
	});
	return {
		async submit(n, owner) {
			await boss.send(queue, { n, owner, step: 0 });
		},
		countUnfinished: await countRows(
			url,
			"SELECT count(*) FROM pgboss.job WHERE state < 'completed' AND name = 'five-steps'",
		),
	};
}

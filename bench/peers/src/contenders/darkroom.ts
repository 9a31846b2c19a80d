import { createDarkroom, embedded, type Store } from "darkroom";
import { postgres } from "darkroom/postgres";
import { sqlite } from "darkroom/sqlite";
import { fiveSteps, grantAll, probe } from "../../../src/five-steps.ts";
import { createSubmitter } from "../../../src/submitter.ts";
import { type Contender, type Hooks, owners, type Surroundings } from "../contender.ts";

export function openOnSqlite({ folder }: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(sqlite(`${folder}/darkroom.db`), hooks);
}

export function openOnPostgres({ url }: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(postgres(url), hooks);
}

async function open(store: Store, hooks: Hooks): Promise<Contender> {
	const darkroom = createDarkroom({ jobs: [fiveSteps], store, engine: embedded({ concurrency: 1_000 }) });
	await darkroom.start();
	await grantAll(darkroom, owners, 1_000_000);
	probe.onFirstStep = () => hooks.onFirstStep();
	store.onChange((changes) => {
		for (const { status } of changes) if (status === "completed") hooks.onCompleted();
	});
	// Only here is there a limit for each owner, at which a submitter waits.
	const submitter = createSubmitter(darkroom, store);
	return {
		async submit(n, owner) {
			await submitter.submit(n, owner);
		},
	};
}

import { createDarkroom, embedded, isDarkroomError, type Store } from "darkroom";
import { postgres } from "darkroom/postgres";
import { sqlite } from "darkroom/sqlite";
import { fiveSteps, probe } from "../../../src/five-steps.ts";
import { type Contender, type Hooks, ownerOf, owners, type Surroundings } from "../contender.ts";

export function openOnSqlite({ folder }: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(sqlite(`${folder}/darkroom.db`), hooks);
}

export function openOnPostgres({ url }: Surroundings, hooks: Hooks): Promise<Contender> {
	return open(postgres(url), hooks);
}

async function open(store: Store, hooks: Hooks): Promise<Contender> {
	const darkroom = createDarkroom({ jobs: [fiveSteps], store, engine: embedded({ concurrency: 1_000 }) });
	await darkroom.start();
	for (let n = 0; n < owners; n++) {
		await darkroom.grantCredits({ owner: ownerOf(n), amount: 1_000_000, key: "bench" });
	}
	probe.onFirstStep = () => hooks.onFirstStep();
	let room = Promise.withResolvers<void>();
	store.onChange((changes) => {
		for (const { status } of changes) if (status === "completed") hooks.onCompleted();
		room.resolve();
		room = Promise.withResolvers();
	});
	return {
		async submit(n, owner) {
			// Only here is an owner with five active jobs refused a sixth: then this submitter waits, and its wait counts.
			for (;;) {
				const next = room.promise;
				try {
					await darkroom.submit(fiveSteps, { owner, input: { n } });
					return;
				} catch (error) {
					if (!isDarkroomError(error, "too_many_active")) throw error;
					await next;
				}
			}
		},
	};
}

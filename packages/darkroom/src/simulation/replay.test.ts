import { randomInt } from "node:crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import { describeOnPostgres } from "../testing/on-postgres.testsuite.ts";
import { type PostgresUnderTest, postgresStores } from "../testing/postgres-store.testsuite.ts";
import { createBackend } from "./backends.testsuite.ts";
import { SimulatedDatabase } from "./database.testsuite.ts";
import { holdings, type Recorded, recording, replay } from "./replay.testsuite.ts";
import { runSchedule } from "./schedule.testsuite.ts";

/**
 * The rules of the store on Postgres are functions of its own in the database, and no schedule can be run there: its answers
 * come by the machine's time. So each transition of a schedule on the model is asked for once more, on a real server, and
 * must be answered the same.
 */
const fixedSeeds = 100;
const freshSeconds = Number(process.env.SIM_SECONDS ?? 3);

describeOnPostgres("on Postgres each transition of a schedule is answered as the model answered it", () => {
	const createStore = postgresStores();
	let under: PostgresUnderTest;
	let replayed = 0;

	beforeEach(async () => {
		under = await createStore();
		await under.store.open();
		return () => under.close();
	});
	afterAll(() => console.log(`${replayed} transitions of simulated schedules were asked for once more, on Postgres`));

	/** What Postgres answers otherwise than the model did; undefined: nothing. */
	async function differenceOf(seed: number): Promise<string | undefined> {
		const tape: Recorded[] = [];
		const database = await SimulatedDatabase.open(recording(createBackend("model"), tape));
		try {
			const { violation } = await runSchedule({ seed, database });
			expect(violation).toBeUndefined();
			await empty();
			replayed += tape.length;
			const differing = await replay(tape, under.store);
			if (differing !== undefined) return `seed ${seed}, transition ${differing}`;
			const owners = ownersIn(tape);
			const left = await holdings(database.auditor.store, owners);
			const leftHere = new Set(await holdings(under.store, owners));
			const missing = left.find((row) => !leftHere.has(row));
			return missing && `seed ${seed}, what is left: ${missing}`;
		} finally {
			await database.close();
		}
	}

	/** The store knows which accounts it has opened, so those stay, with nothing in them. */
	async function empty(): Promise<void> {
		const tables = await under.ask("SELECT tablename AS name FROM pg_tables WHERE schemaname = $1", [under.schema]);
		const emptied = tables.map(({ name }) => String(name)).filter((name) => !["migrations", "accounts"].includes(name));
		await under.ask(`TRUNCATE ${emptied.map(under.table).join(", ")}`);
		await under.ask(`UPDATE ${under.table("accounts")} SET posted = 0, held = 0`);
	}

	test(`with the seeds 1 to ${fixedSeeds}`, async () => {
		for (let seed = 1; seed <= fixedSeeds; seed++) expect(await differenceOf(seed)).toBeUndefined();
	}, 120_000);

	test(
		`with fresh seeds, for ${freshSeconds} seconds`,
		async () => {
			const endsAt = performance.now() + freshSeconds * 1_000;
			do expect(await differenceOf(randomInt(2 ** 40))).toBeUndefined();
			while (performance.now() < endsAt);
		},
		freshSeconds * 1_000 + 60_000,
	);
});

/** Whoever is named in what was asked. */
function ownersIn(tape: readonly Recorded[]): readonly string[] {
	const named = tape.flatMap(({ args }) => {
		const { owner, viewer, from, to } = (args[0] ?? {}) as Readonly<Record<string, unknown>>;
		return [owner, viewer, from, to].filter((one) => typeof one === "string");
	});
	return [...new Set(named)];
}

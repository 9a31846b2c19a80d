import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPostgres } from "../../testing/find-postgres.testsuite.ts";
import { postgresUrl } from "../../testing/on-postgres.testsuite.ts";
import { hasPgBouncer, howToGetPgBouncer, PgBouncer } from "../../testing/pgbouncer.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { describeAdmission } from "../../testing/store/admission.testsuite.ts";
import { describeAdmissionRaces } from "../../testing/store/admission-races.testsuite.ts";
import { describeClaims } from "../../testing/store/claims.testsuite.ts";
import { describeDurability } from "../../testing/store/durability.testsuite.ts";
import { describeEndings } from "../../testing/store/endings.testsuite.ts";
import { useEverything } from "../../testing/store/everything.testsuite.ts";
import { describePlaces } from "../../testing/store/places.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Elsewhere } from "../store.ts";
import { postgres } from "./index.ts";

// Where one is required, its absence is a failure and no skip; elsewhere there is nothing to say.
if (process.env.REQUIRE_PGBOUNCER === "1") {
	test("the PgBouncer that is required is there", () => {
		expect(hasPgBouncer, howToGetPgBouncer).toBe(true);
	});
}

describe.skipIf(!hasPostgres || !hasPgBouncer)("behind PgBouncer in transaction mode", () => {
	const serverUrl = postgresUrl();
	let pooler: PgBouncer;
	beforeAll(async () => {
		pooler = await PgBouncer.start(serverUrl());
	}, 60_000);
	afterAll(() => pooler?.remove());

	const create = postgresStores({ listen: false, pollEveryMs: 20 }, serverUrl);
	// The look behind the store's back goes past the pooler.
	const createPooled = () => create({ url: pooler.url });

	describeAdmission(createPooled);
	describeAdmissionRaces(createPooled);
	describeClaims(createPooled);
	describePlaces(createPooled);
	describeEndings(createPooled);
	describeDurability(createPooled);

	test("a store that listens is refused at its start, with what to do", async () => {
		const store = postgres(pooler.url);
		await expect(store.open()).rejects.toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("DATABASE_LISTEN=false"),
		});
		await store.close();
	});

	describe("a store that does not listen", () => {
		const rig = StoreRig.use(createPooled);

		test("does everything", () => useEverything(rig));

		test("sees by asking what another process did", async () => {
			const other = rig.under.connect();
			const news = Promise.withResolvers<Elsewhere>();
			other.onElsewhere(news.resolve);
			await other.open();
			const job = await rig.running();
			expect(await news.promise).toEqual({ owners: null, claimable: true, revokedLeaseTokens: null });
			expect((await other.listChanges("ada", 0, 10)).map((one) => one.job.id)).toEqual([job.id]);
		});

		test("keeps no session of its own: what it leaves behind would be another's", async () => {
			await rig.submit();
			const sessions = await rig.under.ask(
				`SELECT count(*)::integer AS listening FROM pg_stat_activity WHERE query = 'LISTEN "${rig.under.schema}.news"'`,
			);
			expect(sessions).toEqual([{ listening: 0 }]);
		});

		test("commits turns under way at once, each in a transaction of its own", async () => {
			const connections = [rig.store, rig.under.connect(), rig.under.connect()];
			const ids = new Set<string>();
			for (let round = 0; round < 20; round++) {
				const submitted = connections.flatMap((store) =>
					Array.from({ length: 5 }, (_, i) => store.submitJob(rig.submission({ owner: `owner ${i}` }))),
				);
				// The next turn of each is put together while this one is under way.
				await new Promise((resolve) => setImmediate(resolve));
				submitted.push(...connections.map((store) => store.submitJob(rig.submission())));
				for (const { job } of await Promise.all(submitted)) ids.add(job.id);
			}
			expect(ids.size).toBe(20 * (connections.length * 6));
			expect(await rig.under.ask(`SELECT count(*)::integer AS jobs FROM ${rig.under.table("jobs")}`)).toEqual([
				{ jobs: ids.size },
			]);
		});
	});
});

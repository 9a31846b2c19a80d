import { expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { Crowd, owners, runningLimit } from "../../testing/store/crowd.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Store } from "../store.ts";

const connections = 8;
const transitions = 10_000;

describeOnPostgres("from eight connections at once", () => {
	const rig = StoreRig.use(postgresStores({ maxReaders: 3, listen: false }));

	const stores = (): Store[] => Array.from({ length: connections }, () => rig.under.connect());
	const deadlocks = async () => {
		// The server counts when a session ends or rests.
		await rig.under.ask("SELECT pg_stat_clear_snapshot()");
		const [row] = await rig.under.ask(
			"SELECT deadlocks::integer FROM pg_stat_database WHERE datname = current_database()",
		);
		return row?.deadlocks;
	};

	/** What must hold at every moment, read in one statement, so of one moment. */
	async function look(): Promise<void> {
		const t = (name: string) => rig.under.table(name);
		const [wrong] = await rig.under.ask(`SELECT
			(SELECT json_agg(a.owner) FROM ${t("accounts")} a
				WHERE (a.posted, a.held) <> (SELECT coalesce(sum(posted), 0), coalesce(sum(held), 0) FROM ${t("entries")} e WHERE e.owner = a.owner)
			) AS "entries that do not add up",
			(SELECT json_agg(a.owner) FROM ${t("accounts")} a
				WHERE a.held <> (SELECT coalesce(sum(held), 0) FROM ${t("jobs")} j WHERE j.owner = a.owner)
			) AS "holds that are no job's",
			(SELECT json_agg(x) FROM (SELECT owner, kind, count(*) FROM ${t("jobs")} WHERE running_per_owner IS NOT NULL
				AND (status = 'running' OR waits_for = 'worker') GROUP BY 1, 2 HAVING count(*) > ${runningLimit}) AS x
			) AS "more running than may",
			(SELECT json_agg(x) FROM (SELECT owner, subject, count(*) FROM ${t("jobs")} WHERE finished_at IS NULL
				AND subject IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1) AS x
			) AS "subjects twice at work",
			(SELECT json_agg(x) FROM (SELECT job_id FROM ${t("entries")} WHERE job_id IS NOT NULL
				GROUP BY job_id HAVING sum(held) < 0) AS x
			) AS "holds resolved twice",
			(SELECT json_agg(id) FROM ${t("jobs")} WHERE charged > price OR (finished_at IS NOT NULL AND held <> 0)
			) AS "charged more than agreed"`);
		expect(Object.entries(wrong ?? {}).filter(([, rows]) => rows !== null)).toEqual([]);
	}

	test("ten thousand transitions of all sorts never wait for each other in a circle, and keep every rule meanwhile", async () => {
		const seed = Number(process.env.LOCKS_SEED ?? Math.floor(Math.random() * 2 ** 31));
		console.log(`LOCKS_SEED=${seed}`);
		const before = await deadlocks();
		for (const owner of owners) await rig.grant(owner, 200);
		const crowd = new Crowd({ stores: stores(), seed, now: rig.now });
		const playing = crowd.play(transitions);
		let isOver = false;
		const over = playing.finally(() => {
			isOver = true;
		});
		let looks = 0;
		for (; !isOver; looks++) {
			await look();
			await new Promise((resolve) => setImmediate(resolve));
		}
		await over;
		await look();
		expect(looks).toBeGreaterThan(3);
		expect(crowd.faults).toEqual([]);
		expect(await deadlocks()).toBe(before);
		// Each sort was really done, not only refused.
		expect([...crowd.done.entries()].filter(([, count]) => count === 0)).toEqual([]);
		await endEverything(crowd.now + 10_000_000);
	}, 300_000);

	/** Nobody works any more: time and sweeps alone must end what is left, whoever sweeps. */
	async function endEverything(now: number): Promise<void> {
		const sweepers = stores();
		const left = `SELECT count(*)::integer AS left FROM ${rig.under.table("jobs")} WHERE finished_at IS NULL`;
		for (;;) {
			await Promise.all(sweepers.map((store) => store.sweep({ now, limit: 200 })));
			const [row] = await rig.under.ask(left);
			if (row?.left === 0) break;
		}
		await look();
		expect(await rig.under.ask(`SELECT owner FROM ${rig.under.table("accounts")} WHERE held <> 0`)).toEqual([]);
	}

	test("claims together take each job once, and never more of an owner's than may run", async () => {
		const claimers = stores();
		const mostRunning = new Map<string, number>();
		const running = new Map<string, Set<string>>();
		const taken = new Set<string>();
		const jobs = 160;
		await Promise.all(
			Array.from({ length: jobs }, (_, i) =>
				rig.submit({ owner: owners[i % owners.length] as string, runningPerOwner: 2 }),
			),
		);
		const work = async (store: Store) => {
			while (taken.size < jobs) {
				const claim = { kinds: ["draw"], limit: 3, leaseExpiresAt: rig.now + 60_000, now: rig.now };
				const claimed = await store.claimJobs({ ...claim, newLeaseToken: () => crypto.randomUUID() });
				for (const { job } of claimed) {
					expect(taken).not.toContain(job.id);
					taken.add(job.id);
					const own = running.get(job.owner) ?? new Set();
					running.set(job.owner, own.add(job.id));
					mostRunning.set(job.owner, Math.max(own.size, mostRunning.get(job.owner) ?? 0));
				}
				for (const { job } of claimed) {
					// Here it is over before the store knows: so this counts no job twice.
					running.get(job.owner)?.delete(job.id);
					const lease = { jobId: job.id, leaseToken: job.leaseToken ?? "", owner: job.owner, kind: job.kind };
					await store.completeJob({ ...lease, output: "1", due: 0, now: rig.now });
				}
			}
		};
		await Promise.all([...claimers.map(work), lookWhile(() => taken.size < jobs)]);
		expect(taken.size).toBe(jobs);
		for (const owner of owners) expect(mostRunning.get(owner)).toBeLessThanOrEqual(2);
		const rows = await rig.under.ask(`SELECT DISTINCT status, claims FROM ${rig.under.table("jobs")}`);
		expect(rows).toEqual([{ status: "completed", claims: 1 }]);
	}, 120_000);

	async function lookWhile(isGoing: () => boolean): Promise<void> {
		while (isGoing()) await look();
	}
});

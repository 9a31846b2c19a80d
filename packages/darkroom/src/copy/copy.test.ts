import { expect, test } from "vitest";
import { newId } from "../core/ids.ts";
import { describeOnPostgres } from "../testing/on-postgres.testsuite.ts";
import { leaseOf } from "../testing/store/rig.testsuite.ts";
import { firstMs, RunRig } from "../testing/store/run-rig.testsuite.ts";
import { copyRig, fill } from "./copy-rig.testsuite.ts";
import { copyDatabase } from "./index.ts";
import { Source } from "./source.ts";
import { activeJobs, tables } from "./tables.ts";

describeOnPostgres("a copy from SQLite into Postgres", () => {
	const copying = copyRig();
	const { rig } = copying;
	const copy = () => copyDatabase({ from: copying.from, to: copying.to, schema: copying.schema });

	test("has every job with its steps, every statement and every balance as it was", async () => {
		const owners = await fill(rig);
		const before = await Promise.all(owners.map((owner) => rig.everythingOf(owner)));
		const photo = await rig.store.readAsset("ada", "photo");
		await copying.closeSource();
		const report = await copy();
		const target = copying.target();
		for (const [index, owner] of owners.entries()) {
			const jobs = await target.listJobs({ viewer: owner, limit: 1_000 });
			expect(jobs).toEqual(before[index]?.jobs);
			expect(await target.readBalance(owner)).toEqual(before[index]?.balance);
			expect(await target.listEntries(owner, 1_000)).toEqual(before[index]?.entries);
		}
		expect(await target.readAsset("ada", "photo")).toEqual(photo);
		const { posted, held } = before.reduce(
			(sum, { balance }) => ({ posted: sum.posted + balance.posted, held: sum.held + balance.held }),
			{ posted: 0, held: 0 },
		);
		expect(report).toMatchObject({ owners: owners.length, posted, held, requeued: 0, resumed: false });
		expect(report.rows.jobs).toBe(before.reduce((sum, { jobs }) => sum + jobs.length, 0));
		expect(held).toBeGreaterThan(0);
	});

	test("goes on where SQLite stood: what waited is claimed in its order, a key names its job, a subject is locked", async () => {
		await fill(rig);
		await copying.closeSource();
		await copy();
		const target = copying.target();
		const kinds = ["draw", "story", "nails"];
		const claim = { kinds, limit: 10, leaseExpiresAt: rig.now + 1_000, now: rig.now, newLeaseToken: () => newId(1) };
		const [first, second, ...more] = await target.claimJobs(claim);
		expect([first?.job.kind, second?.job.kind, more]).toEqual(["nails", "story", []]);
		const again = await target.submitJob(
			rig.submission({ price: 2, assets: ["photo"], idempotencyKey: "once", subject: "story:1" }),
		);
		expect(again).toMatchObject({ created: false, job: { status: "completed" } });
		await expect(target.submitJob(rig.submission({ subject: "story:2" }))).rejects.toMatchObject({ code: "conflict" });
		// The place that the first story gives up is the second one's.
		await target.completeJob({ ...leaseOf(second?.job as never), output: "1", due: 1, now: rig.now });
		expect((await target.claimJobs(claim)).map(({ job }) => job.subject)).toEqual(["story:2"]);
		expect(await target.takeOrphanAssets({ createdBefore: rig.now + 1, now: rig.now, limit: 10 })).toMatchObject([
			{ id: "unused" },
		]);
	});

	test("queues what was running at no cost of an attempt, as a newer version, with its completed steps and its price", async () => {
		await rig.grant("ada", 10);
		const running = await rig.running({ price: 2, charge: "on-start" });
		await rig.completeStep(running, "look", "seen");
		await rig.store.startStep(rig.stepStart(running, "draw", { position: 1 }));
		const cursor = await rig.store.readCursor("ada");
		await copying.closeSource();
		expect(await copy()).toMatchObject({ requeued: 1, posted: 8, held: 0 });
		const target = copying.target();
		const [shown, ...more] = await target.listChanges("ada", cursor, 10);
		expect(shown?.job).toMatchObject({ id: running.id, status: "queued", leaseToken: null });
		expect(more).toEqual([]);
		const now = rig.now;
		const [claimed] = await target.claimJobs({
			kinds: ["draw"],
			limit: 1,
			leaseExpiresAt: now + 1,
			now,
			newLeaseToken: () => "new",
		});
		expect(claimed?.job).toMatchObject({ attempt: 1, charged: 2, held: 0 });
		expect(claimed?.steps.filter(({ status }) => status === "completed")).toMatchObject([
			{ name: "look", output: "seen" },
		]);
		await target.failJob({
			...leaseOf(claimed?.job as never),
			error: { code: "failed", message: "", retryable: false },
			due: 0,
			now,
		});
		expect(await target.readBalance("ada")).toEqual({ posted: 10, held: 0, available: 10 });
	});

	test("gives change numbers beyond every one that SQLite gave, so that no watcher's cursor is ahead", async () => {
		await fill(rig);
		const cursors = await Promise.all(["ada", "grace", "poor"].map((owner) => rig.store.readCursor(owner)));
		await copying.closeSource();
		await copy();
		const target = copying.target();
		for (const [index, owner] of ["ada", "grace", "poor"].entries()) {
			const cursor = cursors[index] as number;
			expect(await target.readCursor(owner)).toBeGreaterThanOrEqual(cursor);
			expect(await target.listChanges(owner, cursor, 10)).toEqual([]);
			const { job } = await target.submitJob(rig.submission({ owner }));
			expect((await target.listChanges(owner, cursor, 10)).map((changed) => changed.job.id)).toEqual([job.id]);
		}
	});

	test("keeps what a service was sent: it is sent no earlier, under the same change, and its runs go on", async () => {
		const runs = new RunRig(rig);
		const { run: asleep } = await runs.asleep();
		const { run: lost } = await runs.running();
		const sent = await rig.submit();
		await runs.take();
		const unsent = await rig.submit();
		await copying.closeSource();
		await copy();
		const target = copying.target();
		const [first, second, ...more] = await runs.take({}, target);
		expect(first).toMatchObject({ jobId: unsent.id, change: unsent.change, sends: 1 });
		// It was running, and waits anew.
		expect(second).toMatchObject({ jobId: lost.jobId, sends: 1 });
		expect(second?.change).toBeGreaterThan(lost.dispatch ?? 0);
		expect(more).toEqual([]);
		rig.now += firstMs;
		expect(await runs.take({ limit: 1 }, target)).toMatchObject([{ jobId: sent.id, change: sent.change, sends: 2 }]);
		const until = rig.now + 30_000;
		expect(await runs.begin(lost, until, target)).toEqual({ claimed: null, reason: "superseded" });
		const later = runs.runOf({ jobId: sent.id, change: sent.change });
		for (const run of [asleep, later]) expect(await runs.begin(run, until, target)).toMatchObject({ isResumed: false });
	});

	test("takes a text that Postgres cannot hold as far as it can be shown", async () => {
		const job = await rig.running();
		await rig.store.reportProgress({ ...leaseOf(job), progress: 5, message: "half\0done", now: rig.now });
		await copying.closeSource();
		await copy();
		expect((await copying.target().readJob("ada", job.id)).job.message).toBe("half\ufffddone");
	});

	test("fills every column that the tables of Postgres have, from every one that SQLite's have", async () => {
		await fill(rig);
		await copying.closeSource();
		await copy();
		const source = new Source(copying.from);
		try {
			for (const table of [...tables, activeJobs]) {
				const rows = await copying.ask(
					`SELECT attname FROM pg_attribute WHERE attrelid = 'darkroom.${table.name}'::regclass AND attnum > 0 AND attidentity = ''`,
				);
				const [page] = source.pages(table, null);
				const given = Object.keys(page?.rows[0] ?? {}).filter((name) => name !== "seq");
				expect(given.sort()).toEqual(rows.map(({ attname }) => attname).sort());
			}
		} finally {
			source.close();
		}
	});
});

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { AppProcess } from "../testing/app-process.testsuite.ts";
import { describeOnPostgres } from "../testing/on-postgres.testsuite.ts";
import type { StoreRig } from "../testing/store/rig.testsuite.ts";
import { copyRig } from "./copy-rig.testsuite.ts";

const program = join(import.meta.dirname, "copy-process.testsuite.ts");
const jobs = 4_000;
const owners = ["ada", "grace", "edsger"];

/** Enough for some dozen pages: jobs of two steps, most of them final, each with its entries. */
async function fillMany(rig: StoreRig): Promise<void> {
	for (const owner of owners) await rig.grant(owner, 10 * jobs);
	for (let made = 0; made < jobs; ) {
		const submitted = Array.from({ length: 200 }, () => rig.submit({ owner: owners[made++ % 3] as string, price: 1 }));
		await Promise.all(submitted);
		const claimed = await rig.claim({ limit: 190 });
		await Promise.all(
			claimed.map(async ({ job }) => {
				await rig.completeStep(job, "look", "seen");
				await rig.completeStep(job, "draw", "drawn", { position: 1 });
				await rig.complete(job);
			}),
		);
	}
	// These run when the copy begins.
	await rig.claim({ limit: 20 });
}

describeOnPostgres("a copy that is killed", () => {
	const copying = copyRig();
	const { rig } = copying;

	test("with SIGKILL, again and again, goes on where it was: every row is there, and none twice", async () => {
		await fillMany(rig);
		const before = await Promise.all(owners.map((owner) => rig.store.readBalance(owner)));
		const listed = await Promise.all(owners.map((viewer) => rig.store.listJobs({ viewer, limit: 10 * jobs })));
		await copying.closeSource();
		// What was killed may have asked for the commit that ends the copy: that is carried out all the same, a moment later.
		const areGone = async () => {
			const left =
				"SELECT FROM pg_stat_activity WHERE application_name = 'darkroom copy' AND datname = current_database()";
			return (await copying.ask(left)).length === 0;
		};
		const isOpen = async () => {
			while (!(await areGone())) await pause(5);
			const [copy] = await copying.ask("SELECT to_regclass('darkroom.copying') IS NOT NULL AS open");
			return copy?.open;
		};
		const task = { from: copying.from, to: copying.to, schema: copying.schema };
		let kills = 0;
		const heard = new Set<string>();
		// Three pages at a time: killed while the fourth is read, sent or committed, or in the commit that ends the copy.
		for (let isOver = false; !isOver; ) {
			let pages = 0;
			const copier = new AppProcess(program, task, (line) => {
				if (line === "ready") return;
				expect(heard, "a page came twice").not.toContain(line);
				heard.add(line);
				if (++pages <= 3) copier.tell({ goOn: true });
			});
			await copier.saysSo(() => pages >= 3);
			await pause(kills % 8);
			const wasKilled = await copier.kill();
			if (wasKilled) kills++;
			isOver = !wasKilled || !(await isOpen());
		}
		expect(kills).toBeGreaterThan(3);

		const target = copying.target();
		for (const [index, viewer] of owners.entries()) {
			expect(await target.readBalance(viewer)).toEqual(before[index]);
			const copied = await target.listJobs({ viewer, limit: 10 * jobs });
			expect(copied.map(({ job, steps }) => [job.id, job.charged, steps])).toEqual(
				listed[index]?.map(({ job, steps }) => [job.id, job.charged, steps]),
			);
		}
		const [counts] = await copying.ask(
			`SELECT (SELECT count(*) FROM darkroom.jobs)::int AS jobs, (SELECT count(*) FROM darkroom.entries)::int AS entries,
			 (SELECT count(*) FROM darkroom.jobs WHERE status = 'running')::int AS running`,
		);
		// A grant for each owner, a hold for each job, a capture for each that was completed.
		const completed = listed.flat().filter(({ job }) => job.status === "completed").length;
		expect(counts).toEqual({ jobs, entries: owners.length + jobs + completed, running: 0 });
	}, 120_000);
});

import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { DarkroomError } from "../../core/errors.ts";
import type { Elsewhere, Store } from "../../store/store.ts";
import { createSqliteDatabase } from "../suite/databases.testsuite.ts";
import { RefusingStore } from "../suite/refusing-store.testsuite.ts";
import { final, job, owner, Rig, signal } from "../suite/rig.testsuite.ts";
import { settle } from "../suite/settle.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

/**
 * Another connection to the same file holds its write lock, as a backup or a migration may, for longer than the
 * store waits. The store's patience is real time, so this takes its five seconds.
 */
describe("while the database cannot be written", () => {
	let database: ReturnType<typeof createSqliteDatabase>;
	const rig = Rig.use(createEmbedded, () => {
		database = createSqliteDatabase();
		return database;
	});

	function lock(path: string) {
		const other = new DatabaseSync(path);
		other.exec("BEGIN IMMEDIATE");
		return () => {
			other.exec("ROLLBACK");
			other.close();
		};
	}

	test("a step's result and a job's end wait here and are written afterwards; whoever asks is told", async () => {
		const ran: string[] = [];
		const begun = signal();
		const goOn = signal();
		const draw = job(
			"draw",
			async ({ step }) => {
				await step.run("draw", async () => {
					ran.push("draw");
					begun.resolve();
					await goOn.promise;
				});
				return "drawn";
			},
			{ credits: { price: 3 } },
		);
		const ending = job("ending", () => goOn.promise.then(() => "ended"));
		const broken = job("broken", () => goOn.promise.then(() => Promise.reject(new Error("no"))));
		const resting = job("resting", ({ step }) => goOn.promise.then(() => step.sleep("rest", "10s")));
		const jobs = [draw, ending, broken, resting];
		const process = rig.open({ jobs });
		await process.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await Promise.all(jobs.map((one) => process.darkroom.submit(one, { owner, input: {} })));
		await begun.promise;
		const unlock = lock(database.path);
		goOn.resolve();
		const refused = [process.darkroom.submit(draw, { owner, input: {} }), process.darkroom.tick(1_000)];
		for (const answer of await Promise.allSettled(refused)) {
			expect(answer).toMatchObject({ status: "rejected", reason: { code: "store_unavailable", status: 503 } });
		}
		expect(process.logged.some(({ message }) => message === "the store is away")).toBe(true);
		unlock();
		const done = await process.clock.until(Promise.all(submitted.map((one) => final(process, one))));
		expect(done.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual([
			"completed 1",
			"completed 1",
			"failed 1",
			"completed 1",
		]);
		expect(ran).toEqual(["draw"]);
		expect(done[0]?.steps).toMatchObject([{ name: "draw", attempts: 1 }]);
		expect(await process.darkroom.getBalance(owner)).toEqual({ posted: 7, held: 0, available: 7 });
	});
});

describe("while the database refuses at once", () => {
	const rig = Rig.use(createEmbedded);

	test("an outage is a line at its begin, one each ten seconds and one at its end, and each asks about once a second", async () => {
		const refusing = new RefusingStore();
		const goOn = signal();
		const draw = job("draw", async ({ step, progress }) => {
			await step.run("draw", () => goOn.promise);
			progress(80, "drawn");
			return "drawn";
		});
		const process = rig.open({ jobs: [draw], store: refusing.between });
		await process.darkroom.start();
		const submitted = await process.darkroom.submit(draw, { owner, input: {} });
		await process.clock.advance(1_000);
		const before = process.logged.length;
		refusing.isAway = true;
		goOn.resolve();
		await process.clock.advance(25_000);
		const told = () => process.logged.slice(before).map(({ message }) => message);
		expect(told()).toEqual(["the store is away", "the store is still away", "the store is still away"]);
		for (const name of ["completeStep", "sweep"]) {
			const times = refusing.asked.filter((one) => one === name).length;
			expect(times, name).toBeGreaterThanOrEqual(20);
			expect(times, name).toBeLessThanOrEqual(27);
		}
		expect(refusing.asked.length).toBeLessThanOrEqual(60);
		refusing.isAway = false;
		expect(await process.clock.until(final(process, submitted))).toMatchObject({ status: "completed", attempt: 1 });
		expect(told().filter((message) => message === "the store is back")).toHaveLength(1);
		expect(process.logged.find(({ message }) => message === "the store is back")?.fields).toMatchObject({
			failures: refusing.asked.length,
		});
	});

	test("a claim that failed is not tried again before the next sweep, whatever news its failure makes", async () => {
		const quick = job("quick", () => "done");
		const away = new DarkroomError("store_unavailable", { detail: "Away." });
		const anything = { owners: null, claimable: true, revokedLeaseTokens: null };
		const listeners = new Set<(news: Elsewhere) => void>();
		let isAway = false;
		let asked = 0;
		const store = (own: Store): Store => ({
			...own,
			onElsewhere: (listener) => {
				listeners.add(listener);
				return own.onElsewhere(listener);
			},
			claimJobs: async (claim) => {
				if (!isAway) return own.claimJobs(claim);
				asked++;
				await new Promise(setImmediate);
				// A connection was lost: anything may have happened meanwhile.
				for (const tell of listeners) tell(anything);
				throw away;
			},
		});
		const process = rig.open({ jobs: [quick], store });
		await process.darkroom.start();
		isAway = true;
		for (const tell of listeners) tell(anything);
		await settle();
		expect(asked).toBe(1);
		isAway = false;
		const waiting = await process.darkroom.submit(quick, { owner, input: {} });
		expect(await process.clock.until(final(process, waiting))).toMatchObject({ status: "completed" });
	});
});

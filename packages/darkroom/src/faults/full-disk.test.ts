import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeOnBothStores, FaultRun } from "./fault-run.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";
import { createSmallDisk, hasSmallDisks, type SmallDisk } from "./small-disk.testsuite.ts";

/** A disk that is full while work goes on, and that has room again a while later; how, small-disk.testsuite.ts says. */
const ordersPerRound = 25;

let disk: SmallDisk;

describe.skipIf(!hasSmallDisks)("a full disk", () => {
	beforeEach(() => {
		disk = createSmallDisk();
	});

	describeOnBothStores("below the assets, with rows", (store, begin) => {
		afterEach(() => disk.remove());

		test(
			"keeps jobs that store pictures waiting: each has its picture whole in the end, and nothing else is there",
			async () => {
				const run = await begin({ fault: "full disk of assets" });
				const assets = { directory: join(disk.folder, "assets"), picturePath: join(run.folder, "photo.png") };
				writeFileSync(assets.picturePath, await noise());
				// Who loses a lease while storing, as on a machine that stands still for a moment, leaves what is swept a day later.
				const given = { assets, engine: { lease: "1h" } } as const;
				const app = run.start(given);
				run.order(app, 5, "photo");
				await app.says(12);
				for (const _ of roundsOf("full disk of assets", store)) {
					disk.fill(run);
					run.didFault();
					const hasFailed = app.saysSo((line) => line.endsWith(" store_unavailable"));
					run.order(app, 5, "photo");
					run.order(app, 10);
					await hasFailed;
					disk.free(run);
					await run.check();
				}
				// One that is asked to stop in the middle of storing a picture leaves what is swept a day later.
				run.letEnd(app);
				await app.isDone();
				await run.finish(given);
				const stored = readdirSync(assets.directory, { recursive: true, withFileTypes: true })
					.filter((entry) => entry.isFile())
					.map(({ name, parentPath }) => ({ id: name, size: readFileSync(join(parentPath, name)).length }));
				const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
				const rows = await run.database.ask<{ id: string; size: number }>("SELECT id, size FROM assets");
				expect(stored.sort(byId)).toEqual(rows.sort(byId).map(({ id, size }) => ({ id, size })));
				const outputs = await run.database.ask<{ output: string }>("SELECT output FROM jobs WHERE kind = 'photo'");
				const named = outputs.map(({ output }) => JSON.parse(output).photo as string);
				expect(named.sort()).toEqual(rows.map(({ id }) => id));
			},
			limitOf("full disk of assets"),
		);
	});

	// What a Postgres does without room is a crash, and that is the killed database.
	describe("below the rows", () => {
		let run: FaultRun | undefined;
		afterEach(async () => {
			if (run) disk.free(run);
			await run?.remove();
			disk.remove();
		});

		test(
			"refuses what is new, keeps what was accepted, and goes on where it was when there is room again",
			async () => {
				run = await FaultRun.begin({ fault: "full disk of rows", databaseFolder: disk.folder });
				let app = run.start();
				for (const round of roundsOf("full disk of rows", "sqlite")) {
					run.orderAgain(app);
					run.order(app, ordersPerRound);
					await app.says(Math.ceil(run.random() * 60));
					disk.fill(run);
					run.didFault();
					let isRefused = false;
					const refusal = app
						.saysSo((line) => line.endsWith(" store_unavailable"))
						.then(() => {
							isRefused = true;
						});
					// The log of the rows may have been copied, and has room for some orders then.
					while (!isRefused) {
						run.order(app, ordersPerRound);
						await Promise.race([refusal, app.says(ordersPerRound)]);
					}
					if (round % 2 === 0) {
						await run.kill(app);
						app = run.start();
						disk.fill(run);
						// It begins without room, too, and can or cannot go far.
						await Promise.race([app.isReady(), pause(1_000)]);
					}
					disk.free(run);
					await run.check();
				}
				await run.finish();
			},
			limitOf("full disk of rows"),
		);
	});
});

/** A picture that no format makes small. */
function noise(): Promise<Buffer> {
	const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
	return sharp({ create: { width: 200, height: 200, channels: 3, background: "teal", noise } })
		.png()
		.toBuffer();
}

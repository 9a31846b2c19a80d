import { existsSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { sqlite } from "../store/sqlite/index.ts";
import { describeOnPostgres } from "../testing/on-postgres.testsuite.ts";
import { copyRig, fill } from "./copy-rig.testsuite.ts";
import { copyDatabase } from "./index.ts";

describeOnPostgres("a copy is refused", () => {
	const copying = copyRig();
	const { rig } = copying;
	const copy = (given: { from?: string; onProgress?: () => void } = {}) =>
		copyDatabase({ from: copying.from, to: copying.to, schema: copying.schema, ...given });

	test("while a process has the source open, even one that does nothing", async () => {
		await fill(rig);
		await expect(copy()).rejects.toMatchObject({
			code: "store_unavailable",
			detail: expect.stringContaining("stop it"),
		});
		await copying.closeSource();
		await copy();
	});

	test("and keeps every other process out of the source until it is over", async () => {
		await fill(rig);
		await copying.closeSource();
		const look = () => {
			const late = new DatabaseSync(copying.from, { timeout: 0 });
			try {
				return late.prepare("SELECT count(*) AS n FROM jobs").get();
			} finally {
				late.close();
			}
		};
		let looks = 0;
		await copy({
			onProgress: () => {
				looks++;
				expect(look).toThrow("database is locked");
			},
		});
		expect(looks).toBeGreaterThan(0);
		expect(look()).toMatchObject({ n: expect.any(Number) });
	});

	test("where the target has other data, and a second time", async () => {
		await fill(rig);
		await copying.closeSource();
		await copying.target().grantCredits({ owner: "linus", amount: 1, key: "1", now: 1 });
		await expect(copy()).rejects.toMatchObject({ code: "misconfigured", detail: expect.stringContaining("already") });
		await copying.ask("TRUNCATE darkroom.accounts, darkroom.entries");
		await copy();
		const again = { detail: expect.stringContaining("complete already"), data: { isComplete: true } };
		await expect(copy()).rejects.toMatchObject({ code: "misconfigured", ...again });
		const later = sqlite(copying.from);
		await later.grantCredits({ owner: "ada", amount: 1, key: "later", now: 1 });
		await later.close();
		await expect(copy()).rejects.toMatchObject({ code: "misconfigured", data: {} });
	});

	test("when the source has changed since an earlier copy began, which no store opens meanwhile", async () => {
		await fill(rig);
		await copying.closeSource();
		const stop = new Error("cut off");
		await expect(
			copy({
				onProgress: () => {
					throw stop;
				},
			}),
		).rejects.toBe(stop);
		await expect(copying.target().open()).rejects.toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("has begun and not ended"),
		});
		const later = sqlite(copying.from);
		await later.grantCredits({ owner: "ada", amount: 1, key: "later", now: 1 });
		await later.close();
		await expect(copy()).rejects.toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("before it changed"),
		});
	});

	test("when a process that was there before has written into the target meanwhile", async () => {
		await fill(rig);
		await copying.closeSource();
		const old = copying.target();
		await old.open();
		const stop = new Error("cut off");
		await expect(
			copy({
				onProgress: () => {
					throw stop;
				},
			}),
		).rejects.toBe(stop);
		await old.grantCredits({ owner: "linus", amount: 1, key: "1", now: 1 });
		await expect(copy()).rejects.toMatchObject({
			code: "internal",
			detail: expect.stringContaining("is not what was copied"),
		});
	});

	test("for a file that is not there, and makes none; and for one that is not Darkroom's", async () => {
		const nowhere = `${copying.from}.gone`;
		await expect(copy({ from: nowhere })).rejects.toMatchObject({ code: "misconfigured" });
		expect(existsSync(nowhere)).toBe(false);
		writeFileSync(nowhere, "");
		await expect(copy({ from: nowhere })).rejects.toMatchObject({
			detail: expect.stringContaining("not a database of Darkroom's"),
		});
	});

	test("where there is no Postgres, in a sentence", async () => {
		await copying.closeSource();
		const refused = copyDatabase({ from: copying.from, to: "postgres://ada:hunter2@127.0.0.1:1/none" });
		await expect(refused).rejects.toMatchObject({ code: "store_unavailable" });
		await expect(refused).rejects.not.toMatchObject({ detail: expect.stringContaining("hunter2") });
	});
});

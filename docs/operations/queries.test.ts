import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createDarkroom, type Darkroom, defineJob, embedded } from "darkroom";
import { postgres } from "darkroom/postgres";
import { sqlite } from "darkroom/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { describeOnPostgres, postgresUrl } from "../../packages/darkroom/src/testing/on-postgres.testsuite.ts";
import { askPostgres } from "../../packages/darkroom/src/testing/postgres-server.testsuite.ts";

type Rows = readonly Record<string, unknown>[];

/** A database as whoever follows the page finds it. */
interface Opened {
	readonly store: Parameters<typeof createDarkroom>[0]["store"];
	ask(sql: string): Promise<Rows>;
	remove(): Promise<void>;
}

const page = readFileSync(new URL("./logs.md", import.meta.url), "utf8");

/** The queries under a heading of the page, by the comment above each. */
function queriesUnder(heading: string): ReadonlyMap<string, string> {
	const block = page.split(`### ${heading}\n`)[1]?.match(/```sql\n([\s\S]*?)```/)?.[1] ?? "";
	const parts = block.matchAll(/^-- (.+)\.\n([\s\S]*?;)$/gm);
	return new Map([...parts].map(([, name = "", sql = ""]) => [name, sql]));
}

function describeQueries(heading: string, open: () => Opened): void {
	const queries = queriesUnder(heading);
	let opened: Opened;
	let darkroom: Darkroom;
	let finish = () => {};
	let begun: Promise<void>;

	/** One job that is completed, one that runs, and one that waits for its place. */
	beforeEach(async () => {
		opened = open();
		const whenFinished = new Promise<void>((resolve) => {
			finish = resolve;
		});
		let hasBegun = () => {};
		begun = new Promise<void>((resolve) => {
			hasBegun = resolve;
		});
		const draw = defineJob({
			kind: "draw",
			input: z.object({ waits: z.boolean() }),
			output: z.string(),
			credits: { price: 2 },
			async run({ input }) {
				if (!input.waits) return "drawn";
				hasBegun();
				await whenFinished;
				return "drawn";
			},
		});
		darkroom = createDarkroom({ jobs: [draw], store: opened.store, engine: embedded({ concurrency: 1 }) });
		await darkroom.grantCredits({ owner: "ada", amount: 10, key: "starter" });
		const isDone = new Promise<void>((resolve) => {
			darkroom.watch({ viewer: "ada", cursor: 0, onJob: (job) => job.status === "completed" && resolve(), onEnd() {} });
		});
		await darkroom.submit(draw, { owner: "ada", input: { waits: false } });
		await isDone;
		await darkroom.submit(draw, { owner: "ada", input: { waits: true } });
		await begun;
		await darkroom.submit(draw, { owner: "ada", input: { waits: true } });
	});
	afterEach(async () => {
		finish();
		await darkroom.stop();
		await opened.remove();
	});

	const ask = async (name: string) => {
		const sql = queries.get(name);
		if (sql === undefined) throw new Error(`The page has no query "${name}" under "${heading}".`);
		// Counts and sums are texts where Postgres has more digits than a number.
		const rows = await opened.ask(sql);
		const isNumber = (value: unknown) => typeof value === "string" && /^-?[\d.]+$/.test(value);
		return rows.map((row) =>
			Object.fromEntries(Object.entries(row).map(([key, value]) => [key, isNumber(value) ? Number(value) : value])),
		);
	};

	test("each of the page's figures has a query, and no other", () => {
		expect([...queries.keys()].map((name) => name.toLowerCase()).sort()).toEqual(
			[...page.matchAll(/^\| ((?:what|the last|accounts|holds)[^`|]*) \|/gm)].map(([, name]) => name).sort(),
		);
	});

	test("what waits, ends and runs is counted", async () => {
		expect(await ask("What waits")).toEqual([
			{ kind: "draw", waits_for: "worker", jobs: 1, oldest: expect.any(Number) },
		]);
		expect(await ask("The last hour")).toEqual([
			{ kind: "draw", status: "completed", jobs: 1, seconds: expect.any(Number), credits: 2 },
		]);
		const [running] = await ask("What runs");
		expect(running).toMatchObject({ kind: "draw", jobs: 1 });
		expect(running?.lease).toBeGreaterThan(0);
		expect(running?.lease).toBeLessThanOrEqual(30);
	});

	test("what ended more than an hour ago is not of the last hour", async () => {
		await opened.ask("UPDATE darkroom.jobs SET finished_at = finished_at - 3700000 WHERE finished_at IS NOT NULL");
		expect(await ask("The last hour")).toEqual([]);
	});

	test("books that do not add up are found, and are not there by themselves", async () => {
		const faults = async () => [await ask("Accounts that do not add up"), await ask("Holds that no job has")];
		expect(await faults()).toEqual([[], []]);
		await opened.ask("UPDATE darkroom.accounts SET posted = posted + 1");
		expect(await faults()).toEqual([[{ owner: "ada" }], []]);
		await opened.ask("UPDATE darkroom.accounts SET posted = posted - 1, held = held - 1");
		expect(await faults()).toEqual([[{ owner: "ada" }], [{ owner: "ada" }]]);
	});
}

describe("the page's queries on SQLite", () => {
	describeQueries("On SQLite", () => {
		const folder = mkdtempSync(join(tmpdir(), "darkroom-queries-"));
		const path = join(folder, "darkroom.db");
		return {
			store: sqlite(path),
			ask: async (sql) => {
				const database = new DatabaseSync(path);
				const rows = database.prepare(sql.replaceAll("darkroom.", "")).all();
				database.close();
				return rows.map((row) => ({ ...row }));
			},
			remove: async () => rmSync(folder, { recursive: true }),
		};
	});
});

describeOnPostgres("the page's queries on Postgres", () => {
	const url = postgresUrl();
	describeQueries("On Postgres", () => {
		const schema = `test_${randomBytes(6).toString("hex")}`;
		const ask = (sql: string) => askPostgres(url(), sql.replaceAll("darkroom.", `${schema}.`));
		return {
			store: postgres(url(), { schema }),
			ask,
			remove: async () => void (await ask(`DROP SCHEMA ${schema} CASCADE`)),
		};
	});
});

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hasPostgres, withoutPostgres } from "./database";
import { Guest } from "./guest";
import { credits, enterAsGuest, makePlushie, password, ready, signUp } from "./maker";
import { test } from "./own";
import { expect } from "./test";

/** A Studio that began on SQLite and goes on in Postgres. */
test.skip(!hasPostgres, withoutPostgres);

test("has everything there: the session, the account and its password, the plushie with its picture, the credits", async ({
	page,
	own,
}) => {
	const before = await own.startStudio();
	await enterAsGuest(page, before.url);
	const id = await makePlushie(page, undefined, before.url);
	await expect(ready(page)).toBeVisible();
	await page.goto(`${before.url}/sign-up`);
	await signUp(page, "ada@example.com");
	const { env } = await own.createDatabase();
	await expect(own.runCopy(env)).rejects.toThrow("stop the Studio");
	await page.goto("about:blank");
	await before.end("SIGTERM");
	const said = await own.runCopy(env);
	expect(said).toContain("19 posted, 0 of them held");
	expect(said).toContain("sign-in:  1 person, 1 password");
	// One word for each thing: an account is a person's, and neither a password nor a balance.
	expect(said).toMatch(/^jobs: .* balances?, .* 1 job$/m);
	expect(said).not.toContain("account");
	// No warning, and nothing worse.
	expect(said).not.toMatch(/"level":[456]0/);
	expect(await own.runCopy(env)).toMatch(/complete already\. Start the Studio with DATABASE_URL/);

	const studio = await own.startStudio(env);
	await page.goto(`${studio.url}/plushies/${id}`);
	await expect(ready(page)).toBeVisible();
	await expect(credits(page)).toHaveText(/19 available/);
	const picture = page.getByRole("main").getByRole("img").nth(1);
	await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);

	await page.goto(`${studio.url}/account`);
	await page.getByRole("button", { name: "Sign out" }).click();
	await expect(page.getByRole("button", { name: "Start as a guest" })).toBeVisible();
	await page.goto(`${studio.url}/sign-in`);
	await page.getByLabel("E-mail").fill("ada@example.com");
	await page.getByLabel("Password").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await expect(credits(page)).toHaveText(/19 available/);
	await makePlushie(page, undefined, studio.url);
	await expect(ready(page)).toBeVisible();
	await expect(credits(page)).toHaveText(/18 available/);
});

test("goes on with a job that was running when its process was killed", async ({ own }) => {
	const killed = await own.startStudio();
	const guest = await Guest.signIn(killed.url);
	const id = await guest.submit("[gate]");
	await guest.untilLooking(id);
	await killed.end("SIGKILL");
	own.gate.open();
	const { env } = await own.createDatabase();
	expect(await own.runCopy(env)).toContain("running jobs that wait for a worker now: 1");
	guest.url = (await own.startStudio(env)).url;
	await expect.poll(async () => (await guest.job(id)).status).toBe("completed");
	expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 1 });
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
});

/** Somebody else who has it open, so that a copy comes as far as this database and is refused there. */
function hold(file: string): DatabaseSync {
	const holder = new DatabaseSync(file);
	holder.exec("BEGIN; SELECT count(*) FROM sqlite_master");
	return holder;
}

function change(file: string, ...statements: readonly string[]): void {
	const database = new DatabaseSync(file);
	for (const sql of statements) database.exec(sql);
	database.close();
}

const person = (id: string) =>
	`INSERT INTO "user" (id, name, email, emailVerified, createdAt, updatedAt)
	 VALUES ('${id}', '${id}', '${id}@example.com', 0, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`;

test("goes on after it was interrupted, and ends with exactly the accounts that SQLite has by then", async ({
	own,
}) => {
	const studio = await own.startStudio();
	await Guest.signIn(studio.url);
	await Guest.signIn(studio.url);
	await studio.end("SIGTERM");
	const file = join(own.dataFolder, "studio.db");
	change(file, person("ada"), person("gone"));
	const { env, query } = await own.createDatabase();
	const holder = hold(join(own.dataFolder, "darkroom.db"));
	await expect(own.runCopy(env)).rejects.toThrow("A process works on");
	holder.close();
	expect(await query("SELECT id FROM studio.user WHERE id IN ('ada', 'gone')")).toHaveLength(2);
	await expect(own.startStudio(env)).rejects.toThrow("Run npm run copy again");
	await expect(own.startWorker(env)).rejects.toThrow("Run npm run copy again");

	const lastSession = "DELETE FROM session WHERE id = (SELECT max(id) FROM session)";
	change(file, lastSession, `DELETE FROM "user" WHERE id = 'gone'`, person("new"));
	// A name that was changed, and an e-mail that somebody else had before.
	change(file, `UPDATE "user" SET name = 'Ada Lovelace', email = 'gone@example.com' WHERE id = 'ada'`);
	expect(await own.runCopy(env)).toContain("sign-in:  4 people, 0 passwords, 1 session, 0 verifications");
	const named = await query("SELECT id, name, email FROM studio.user WHERE name <> 'Guest' ORDER BY id");
	expect(named).toEqual([
		{ id: "ada", name: "Ada Lovelace", email: "gone@example.com" },
		{ id: "new", name: "new", email: "new@example.com" },
	]);
	await own.startStudio(env);
});

test("leaves accounts alone that people have made in Postgres", async ({ own }) => {
	const studio = await own.startStudio();
	await studio.end("SIGTERM");
	const { env, query } = await own.createDatabase();
	const other = await own.startStudio(env);
	const holder = hold(join(own.dataFolder, "darkroom.db"));
	await expect(own.runCopy(env)).rejects.toThrow("A process works on");
	holder.close();
	// By the process that was there before the copy began.
	await Guest.signIn(other.url);
	await expect(own.runCopy(env)).rejects.toThrow("accounts already that are not of a copy under way");
	expect(await query("SELECT id FROM studio.user")).toHaveLength(1);
});

test("ends what was killed after the last rows were there, and before the data folder was marked", async ({ own }) => {
	const studio = await own.startStudio();
	const guest = await Guest.signIn(studio.url);
	await studio.end("SIGTERM");
	const { env, query } = await own.createDatabase();
	await own.runCopy(env);
	rmSync(join(own.dataFolder, "copied-to-postgres.json"));
	await query("CREATE TABLE studio.copying (copied_at timestamptz NOT NULL)");
	await query("INSERT INTO studio.copying VALUES (now())");
	expect(await own.runCopy(env)).toContain("The copy is complete.");
	expect(existsSync(join(own.dataFolder, "copied-to-postgres.json"))).toBe(true);
	guest.url = (await own.startStudio(env)).url;
	expect(await guest.credits()).toEqual({ posted: 20, held: 0, available: 20 });
});

test("marks the data folder, on which nothing starts any more without DATABASE_URL until the mark is deleted", async ({
	own,
}) => {
	const studio = await own.startStudio();
	const guest = await Guest.signIn(studio.url);
	await studio.end("SIGTERM");
	const { env, url } = await own.createDatabase();
	await own.runCopy(env);
	const mark = join(own.dataFolder, "copied-to-postgres.json");
	const { hostname, port, pathname } = new URL(url);
	const place = { host: hostname, port: Number(port), database: pathname.slice(1) };
	expect(JSON.parse(readFileSync(mark, "utf8"))).toEqual({ ...place, completedAt: expect.any(String) });
	await expect(own.startStudio()).rejects.toThrow("Set DATABASE_URL");
	await expect(own.startWorker()).rejects.toThrow(`delete ${mark}`);
	const another = await own.createDatabase();
	await expect(own.runCopy(another.env)).rejects.toThrow("DATABASE_URL names another database");
	rmSync(mark);
	guest.url = (await own.startStudio()).url;
	expect(await guest.credits()).toEqual({ posted: 20, held: 0, available: 20 });
});

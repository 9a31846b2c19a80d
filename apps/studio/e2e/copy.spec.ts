import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, hasPostgres, type TestDatabase, withoutPostgres } from "./database";
import { Guest } from "./guest";
import { credits, enterAsGuest, makePlushie, password, ready, signUp } from "./maker";
import { runCopy, type Studio, startStudio } from "./studio";
import { expect, test } from "./test";

/** A Studio that began on SQLite and goes on in Postgres. */
test.skip(!hasPostgres, withoutPostgres);

let data: string;
let database: TestDatabase;
let studio: Studio | undefined;

test.beforeEach(async () => {
	data = mkdtempSync(join(tmpdir(), "studio-copy-"));
	database = await createDatabase();
});

test.afterEach(async ({ context }) => {
	await Promise.all(context.pages().map((page) => page.close()));
	await studio?.end("SIGTERM");
	await database.drop();
	rmSync(data, { recursive: true, force: true });
});

test("has everything there: the session, the account and its password, the plushie with its picture, the credits", async ({
	page,
}) => {
	studio = await startStudio({ DARKROOM_DATA: data });
	await enterAsGuest(page, studio.url);
	const id = await makePlushie(page, undefined, studio.url);
	await expect(ready(page)).toBeVisible();
	await page.goto(`${studio.url}/sign-up`);
	await signUp(page, "ada@example.com");
	const env = { DARKROOM_DATA: data, DATABASE_URL: database.url };
	await expect(runCopy(env)).rejects.toThrow("stop the Studio");
	await page.goto("about:blank");
	await studio.end("SIGTERM");
	expect(await runCopy(env)).toContain("19 posted, 0 of them held");
	await expect(runCopy(env)).rejects.toThrow("already");

	studio = await startStudio(env);
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

test("goes on with a job that was running when its process was killed", async () => {
	studio = await startStudio({ DARKROOM_DATA: data });
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[slow:3s]");
	await guest.untilLooking(id);
	await studio.end("SIGKILL");
	const env = { DARKROOM_DATA: data, DATABASE_URL: database.url };
	expect(await runCopy(env)).toContain("running jobs that wait for a worker now: 1");
	studio = await startStudio(env);
	guest.url = studio.url;
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 30_000 }).toBe("completed");
	expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 1 });
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
});

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
	expect(await own.runCopy(env)).toContain("19 posted, 0 of them held");
	await expect(own.runCopy(env)).rejects.toThrow("already");

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
	const id = await guest.submit("[slow:3s]");
	await guest.untilLooking(id);
	await killed.end("SIGKILL");
	const { env } = await own.createDatabase();
	expect(await own.runCopy(env)).toContain("running jobs that wait for a worker now: 1");
	guest.url = (await own.startStudio(env)).url;
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 30_000 }).toBe("completed");
	expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 1 });
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
});

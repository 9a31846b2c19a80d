import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BreakableProxy } from "./breakable-proxy";
import { createDatabase, hasPostgres, type TestDatabase, withoutPostgres } from "./database";
import { Guest } from "./guest";
import { credits, enterAsGuest, makePlushie, ready, signUp } from "./maker";
import { type Studio, startStudio } from "./studio";
import { expect, test } from "./test";

/** The Studio with `DATABASE_URL`. */
test.skip(!hasPostgres, withoutPostgres);

let data: string;
let database: TestDatabase;
let studio: Studio | undefined;

test.beforeEach(async () => {
	data = mkdtempSync(join(tmpdir(), "studio-postgres-"));
	database = await createDatabase();
});

test.afterEach(async ({ context }) => {
	await Promise.all(context.pages().map((page) => page.close()));
	await studio?.end("SIGTERM");
	await database.drop();
	rmSync(data, { recursive: true, force: true });
});

test("keeps everything there, and in its data folder only pictures and the secret", async ({ page }) => {
	studio = await startStudio({ DARKROOM_DATA: data, DATABASE_URL: database.url });
	await enterAsGuest(page, studio.url);
	await makePlushie(page, undefined, studio.url);
	await expect(ready(page)).toBeVisible();
	await page.goto(`${studio.url}/sign-up`);
	await signUp(page, "ada@example.com");
	await expect(credits(page)).toHaveText(/19 available/);
	expect(readdirSync(data).sort()).toEqual(["assets", "auth-secret"]);
	expect(await database.query('SELECT email, "isAnonymous" FROM studio."user"')).toEqual([
		{ email: "ada@example.com", isAnonymous: false },
	]);
});

test("answers 503 while the database is away, also to those whose session must be read, and goes on when it is back", async () => {
	const proxy = await BreakableProxy.to(database.url);
	studio = await startStudio({ DARKROOM_DATA: data, DATABASE_URL: proxy.url });
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[slow:2s]");
	await guest.untilLooking(id);
	await proxy.cut();
	for (const look of ["with the answer kept", "with the session read"]) {
		const answer = await guest.ask(`/api/jobs/${id}`);
		expect([look, answer.status, answer.headers.get("retry-after")]).toEqual([look, 503, "1"]);
		guest.forgetAnswer();
	}
	await proxy.mend();
	await expect.poll(async () => (await guest.ask("/api/credits")).status).toBe(200);
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 60_000 }).toBe("completed");
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
	await studio.end("SIGTERM");
	await proxy.cut();
});

test("names what is wrong with DATABASE_URL, without its password, and does not start", async () => {
	const url = new URL(database.url);
	url.password = "hunter2";
	url.pathname = "nowhere";
	const refused = startStudio({ DARKROOM_DATA: data, DATABASE_URL: url.href });
	await expect(refused).rejects.toThrow(
		/DATABASE_URL names a database that cannot be used: database "nowhere" does not exist/,
	);
	await expect(refused).rejects.not.toThrow("hunter2");
});

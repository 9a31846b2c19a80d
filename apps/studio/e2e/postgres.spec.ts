import { readdirSync } from "node:fs";
import { CuttableProxy } from "./cuttable-proxy";
import { hasPooler, hasPostgres, withoutPooler, withoutPostgres } from "./database";
import { Guest } from "./guest";
import { credits, enterAsGuest, fillInAccount, makePlushie, ready, signUp } from "./maker";
import { test } from "./own";
import { expect, type Page } from "./test";

/** The Studio with `DATABASE_URL`. */
test.skip(!hasPostgres, withoutPostgres);

/** What a person can ask of sign-in, and the body of those that are posted. */
const account = { email: "ada@example.com", password: "correct horse battery", name: "Ada" };
const signInRoutes = [
	["sign-in/anonymous", {}],
	["sign-in/email", account],
	["sign-up/email", account],
	["get-session", undefined],
] as const;

/** A guest makes a plushie, and becomes somebody. */
async function makeOneAndSignUp(page: Page, url: string): Promise<void> {
	await enterAsGuest(page, url);
	await makePlushie(page, undefined, url);
	await expect(ready(page)).toBeVisible();
	await page.goto(`${url}/sign-up`);
	await signUp(page, "ada@example.com");
	await expect(credits(page)).toHaveText(/19 available/);
}

test("keeps everything there, and in its data folder only pictures and the secret", async ({ page, own }) => {
	const database = await own.createDatabase();
	const studio = await own.startStudio(database.env);
	await makeOneAndSignUp(page, studio.url);
	expect(readdirSync(own.dataFolder).sort()).toEqual(["assets", "auth-secret"]);
	expect(await database.query('SELECT email, "isAnonymous" FROM studio."user"')).toEqual([
		{ email: "ada@example.com", isAnonymous: false },
	]);
});

test("works behind a pooler in transaction mode with DATABASE_LISTEN=false, in two processes", async ({
	page,
	own,
}) => {
	test.skip(!hasPooler, withoutPooler);
	const database = await own.createDatabase();
	const studio = await own.startStudio({ ...database.pooledEnv, DARKROOM_CONCURRENCY: "0" });
	await own.startWorker(database.pooledEnv);
	await makeOneAndSignUp(page, studio.url);
	// What a session had set would be another's: https://www.pgbouncer.org/features.html
	expect(
		await database.query(
			"SELECT count(*)::integer AS n FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
		),
	).toEqual([{ n: 0 }]);
});

test("answers 503 while the database is away, also to those whose session must be read, and goes on when it is back", async ({
	own,
}) => {
	const database = await own.createDatabase();
	const proxy = await CuttableProxy.before(database.url);
	const studio = await own.startStudio({ DATABASE_URL: proxy.url });
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[gate]");
	await guest.untilLooking(id);
	proxy.cut();
	for (const look of ["with the answer kept", "with the session read"]) {
		const answer = await guest.ask(`/api/jobs/${id}`);
		expect([look, answer.status, answer.headers.get("retry-after")]).toEqual([look, 503, "1"]);
		guest.forgetAnswer();
	}
	for (const [path, body] of signInRoutes) {
		const answer = await guest.ask(`/api/auth/${path}`, body && { method: "POST", body: JSON.stringify(body) });
		expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "1"]);
		expect(await answer.json()).toMatchObject({ code: "store_unavailable", status: 503, retryable: true });
	}
	own.gate.open();
	proxy.mend();
	await expect.poll(async () => (await guest.ask("/api/credits")).status).toBe(200);
	await expect.poll(async () => (await guest.job(id)).status).toBe("completed");
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
	await studio.end("SIGTERM");
	await proxy.close();
});

test("gives the starter credits to a guest who came while they could not be given, and once", async ({ own }) => {
	const database = await own.createDatabase();
	const studio = await own.startStudio(database.env);
	const grants = "darkroom.grant_credits(text, text, bigint, text, bigint)";
	await database.query(`ALTER FUNCTION ${grants} RENAME TO out_of_the_way`);
	const guest = await Guest.signIn(studio.url);
	expect((await guest.ask("/api/credits")).status).toBe(500);
	await database.query(`ALTER FUNCTION ${grants.replace("grant_credits", "out_of_the_way")} RENAME TO grant_credits`);
	expect(await guest.credits()).toEqual({ posted: 20, held: 0, available: 20 });
	// Another process asks for them again, and has them no second time.
	await studio.end("SIGTERM");
	guest.url = (await own.startStudio(database.env)).url;
	expect(await guest.credits()).toEqual({ posted: 20, held: 0, available: 20 });
	expect(await database.query("SELECT type, posted::integer FROM darkroom.entries")).toEqual([
		{ type: "grant", posted: 20 },
	]);
});

test("starts and starts again without a warning", async ({ own }) => {
	const { env } = await own.createDatabase();
	for (const which of ["first", "second"]) {
		const studio = await own.startStudio(env);
		const guest = await Guest.signIn(studio.url);
		expect(await guest.credits()).toMatchObject({ posted: 20 });
		const log = await studio.end("SIGTERM");
		expect([which, log.split("\n").filter((line) => /"level":[456]0/.test(line))]).toEqual([which, []]);
	}
});

test.describe("while the database is away", () => {
	test.use({ expectedErrors: /status of 503/ });

	test("the forms of sign-in say so in words, and work when it is back", async ({ page, own }) => {
		const database = await own.createDatabase();
		const proxy = await CuttableProxy.before(database.url);
		const studio = await own.startStudio({ DATABASE_URL: proxy.url });
		await page.goto(`${studio.url}/sign-up`);
		proxy.cut();
		await fillInAccount(page, "ada@example.com");
		await expect(page.getByText("Sign-in cannot be reached at the moment.")).toBeVisible();
		await page.goto(`${studio.url}/sign-in`);
		const asGuest = page.getByRole("button", { name: "Go on as a guest" });
		await asGuest.click();
		await expect(page.getByText("Sign-in cannot be reached at the moment.")).toBeVisible();
		await expect(asGuest).toBeEnabled();
		proxy.mend();
		await asGuest.click();
		await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
		await page.goto(`${studio.url}/sign-up`);
		await signUp(page, "ada@example.com");
		await expect(credits(page)).toHaveText(/20 available/);
		await page.goto("about:blank");
		await studio.end("SIGTERM");
		await proxy.close();
	});
});

test("names what is wrong with DATABASE_URL, without its password, and does not start", async ({ own }) => {
	const url = new URL((await own.createDatabase()).url);
	url.password = "hunter2";
	url.pathname = "nowhere";
	const refused = own.startStudio({ DATABASE_URL: url.href });
	await expect(refused).rejects.toThrow(
		/DATABASE_URL names a database that cannot be used: database "nowhere" does not exist/,
	);
	await expect(refused).rejects.not.toThrow("hunter2");
});

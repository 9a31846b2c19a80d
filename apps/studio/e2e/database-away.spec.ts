import { CuttableProxy } from "./cuttable-proxy";
import { hasPostgres, withoutPostgres } from "./database";
import { enterAsGuest, fillIn, makePlushie, ready } from "./maker";
import { test as base } from "./own";
import { expect, type Page } from "./test";

/** What a maker sees of a database that goes away and comes back, while the Studio itself answers. */
base.skip(!hasPostgres, withoutPostgres);

interface Cut {
	readonly url: string;
	readonly proxy: CuttableProxy;
}

/** A Studio whose way to its database a test can cut. */
const test = base.extend<{ readonly cut: Cut }>({
	cut: async ({ own, page }, use) => {
		const database = await own.createDatabase();
		const proxy = await CuttableProxy.before(database.url);
		const studio = await own.startStudio({ DATABASE_URL: proxy.url });
		await use({ url: studio.url, proxy });
		// First the page, which would miss the Studio.
		await page.goto("about:blank");
		await studio.end("SIGKILL");
		await proxy.close();
	},
});

/** Words of whoever runs the Studio, which no maker should read. */
const operatorWords = /What was accepted is kept|cannot be used|Storage is unavailable/;

function meter(page: Page) {
	return page.getByRole("banner").getByRole("link", { name: "Credits" });
}

/** As a browser whose kept answer to "who is this" has run out: the session has to be read. */
async function forgetAnswer(page: Page): Promise<void> {
	await page.context().clearCookies({ name: /session_data/ });
}

/** As a browser that was told a moment ago who this is, and may say so for a minute. */
async function renewAnswer(page: Page, url: string): Promise<void> {
	await forgetAnswer(page);
	await expect.poll(async () => (await page.request.get(`${url}/api/auth/get-session`)).status()).toBe(200);
}

/** What a browser logs of answers of 500 and 503, and React of a page that could not be rendered (its error 441). */
test.use({ expectedErrors: /status of 50[03]|React error #441/ });

test("credits that cannot be read are said to be unknown, or the last that were known, and never to be gone", async ({
	page,
	cut: { url, proxy },
}) => {
	await enterAsGuest(page, url);
	await fillIn(page, undefined, url);
	await expect(meter(page)).toContainText("20 available");
	await renewAnswer(page, url);
	proxy.cut();
	// A page that is seen again asks anew.
	await page.evaluate(() => window.dispatchEvent(new Event("online")));
	await expect(meter(page)).toContainText(/20 available.*not refreshed/);
	await expect(page.getByText("The last that is known: 20 available.")).toBeVisible();
	await page.getByRole("button", { name: "Make a plushie" }).click();
	await expect(page.getByText("The Studio cannot reach its records at the moment.")).toBeVisible();
	await expect(page.getByText(operatorWords)).toBeHidden();

	proxy.mend();
	await renewAnswer(page, url);
	proxy.cut();
	await page.goto(`${url}/plushies`);
	await expect(meter(page)).toContainText("Not known just now");
	await expect(page.getByRole("main").getByText("Credits cannot be read at the moment.")).toBeVisible();
	await expect(page.getByText("You have no credits left.")).toBeHidden();
	proxy.mend();
	await expect(meter(page)).toHaveText("Credits: 20 available");
	await expect(page.getByText("Credits cannot be read at the moment.")).toBeHidden();
});

for (const [session, cool] of [
	["a kept", async () => {}],
	["no kept", forgetAnswer],
] as const) {
	test(`a page that needs the database says that it is away and comes back by itself, with ${session} answer to who it is`, async ({
		page,
		cut: { url, proxy },
	}) => {
		await enterAsGuest(page, url);
		const id = await makePlushie(page, undefined, url);
		await expect(ready(page)).toBeVisible();
		proxy.cut();
		for (const path of [`/plushies/${id}`, "/account"]) {
			await cool(page);
			await page.goto(url + path);
			await expect(page.getByText("The Studio cannot reach its database at the moment. Nothing is lost")).toBeVisible();
			await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeHidden();
		}
		await page.getByRole("button", { name: "Try again now" }).click();
		await expect(page.getByRole("button", { name: "Try again now" })).toBeEnabled();
		proxy.mend();
		await expect(page.getByRole("heading", { name: "You are a guest" })).toBeVisible();
	});
}

test("a page without a session's kept answer is no failure of the whole Studio", async ({
	page,
	cut: { url, proxy },
}) => {
	await enterAsGuest(page, url);
	proxy.cut();
	for (const path of ["/", "/plushies", "/gallery", "/sign-in"]) {
		await forgetAnswer(page);
		await page.goto(url + path);
		await expect(page.getByRole("heading", { name: "Out of reach for a moment" })).toBeVisible();
	}
	proxy.mend();
	await expect(page).not.toHaveTitle(/out of order/);
	await expect(page.getByRole("heading", { name: "Out of reach for a moment" })).toBeHidden();
});

test("an open page says that there is no news while its database is away, until things go on", async ({
	page,
	own,
	cut: { url, proxy },
}) => {
	await enterAsGuest(page, url);
	await makePlushie(page, "[gate]", url);
	await expect(page.getByRole("listitem").filter({ hasText: "Looking closely" })).toContainText("under way");
	proxy.cut();
	const notice = page.getByRole("status").filter({ hasText: "The Studio cannot be reached at the moment" });
	await expect(notice).toBeVisible();
	await expect(page.getByText("taking longer than usual")).toBeHidden();
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page.getByText("The Studio cannot reach its records at the moment.")).toBeVisible();
	await expect(page.getByText(operatorWords)).toBeHidden();
	own.gate.open();
	proxy.mend();
	await expect(notice).toBeHidden();
	await expect(ready(page)).toBeVisible();
});

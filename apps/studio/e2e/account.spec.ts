import { credits, enterAsGuest, makePlushie, password, ready, signUp } from "./maker";
import { expect, type Page, test } from "./test";

async function signIn(page: Page, email: string, word = password): Promise<void> {
	await page.goto("/sign-in");
	await page.getByLabel("E-mail").fill(email);
	await page.getByLabel("Password").fill(word);
	await page.getByRole("button", { name: "Sign in" }).click();
}

async function signOut(page: Page): Promise<void> {
	await page.goto("/account");
	await page.getByRole("button", { name: "Sign out" }).click();
	await expect(page.getByRole("button", { name: "Start as a guest" })).toBeVisible();
}

/** Whether the plushie's own picture really arrives, and not only its frame. */
async function expectPicture(page: Page): Promise<void> {
	const picture = page.getByRole("main").getByRole("img").nth(1);
	await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
}

test("a guest who signs up keeps jobs, pictures and credits, and is not given credits twice", async ({ page }) => {
	await enterAsGuest(page);
	const id = await makePlushie(page);
	await expect(ready(page)).toBeVisible();

	await page.goto("/account");
	await expect(page.getByRole("heading", { name: "You are a guest" })).toBeVisible();
	await page.getByRole("link", { name: "Create an account" }).click();
	await signUp(page, "ada@example.com");
	await expect(page.getByRole("heading", { name: "Ada" })).toBeVisible();
	// The guest's history is the account's: what the plushie cost, and what was moved, add up to the balance.
	const statement = page.getByRole("table", { name: "Movements of credits" });
	await expect(statement.getByRole("row").filter({ hasText: "Paid" })).toContainText("−1");
	await expect(statement.getByRole("row").filter({ hasText: "Moved" })).toContainText("+20");
	await expect(statement.getByRole("link", { name: "Paid" })).toHaveAttribute("href", `/plushies/${id}`);

	await page.goto(`/plushies/${id}`);
	await expect(ready(page)).toBeVisible();
	await expectPicture(page);
	await expect(credits(page)).toHaveText(/19 available/);

	await signOut(page);
	await signIn(page, "ada@example.com");
	await expect(credits(page)).toHaveText(/19 available/);
});

test("a plushie that is still developing when its guest signs up comes along and is finished", async ({
	page,
	gate,
}) => {
	await enterAsGuest(page);
	const id = await makePlushie(page, "[gate]");
	await page.goto("/sign-up");
	await signUp(page, "joan@example.com");
	await page.goto(`/plushies/${id}`);
	await expect(page.getByRole("heading", { name: "Developing" })).toBeVisible();
	gate.open();
	await expect(ready(page)).toBeVisible();
	await expectPicture(page);
	await expect(credits(page)).toHaveText(/19 available/);
});

test("somebody who signs up without having been a guest gets the starter credits once", async ({ page }) => {
	await page.goto("/sign-up");
	await signUp(page, "grace@example.com");
	await expect(credits(page)).toHaveText(/20 available/);

	// A guest's unused starter credits do not add up in an account that has had its own.
	await signOut(page);
	await enterAsGuest(page);
	const id = await makePlushie(page);
	await expect(ready(page)).toBeVisible();
	await page.goto("/account");
	await expect(page.getByRole("main")).toContainText("starter credits, and they are given once");
	await page.getByRole("link", { name: "I have one" }).click();
	await expect(page.getByRole("main")).toContainText("Starter credits are given once");
	await signIn(page, "grace@example.com");
	await expect(credits(page)).toHaveText(/20 available/);
	await page.goto(`/plushies/${id}`);
	await expect(ready(page)).toBeVisible();
});

test.describe("without the right to", () => {
	test.use({ expectedErrors: /status of 40[14]/ });

	test("a wrong password is refused in words", async ({ page }) => {
		await signIn(page, "nobody@example.com", "not the password");
		await expect(page.getByText("That e-mail and password do not belong together.")).toBeVisible();
	});

	test("somebody else's plushie does not exist", async ({ page, browser, baseURL }) => {
		await enterAsGuest(page);
		const id = await makePlushie(page);
		await expect(ready(page)).toBeVisible();
		const context = await browser.newContext({ baseURL, extraHTTPHeaders: { "x-forwarded-for": "10.9.9.9" } });
		const stranger = await context.newPage();
		await enterAsGuest(stranger);
		await stranger.goto(`/plushies/${id}`);
		await expect(stranger.getByRole("heading", { name: "There is nothing on this frame" })).toBeVisible();
		await context.close();
	});
});

test("on a phone the statement says when, too, and nothing of it has to be scrolled to", async ({ page }) => {
	await page.setViewportSize({ width: 320, height: 700 });
	await enterAsGuest(page);
	await makePlushie(page);
	await expect(ready(page)).toBeVisible();
	await page.goto("/account");
	const statement = page.getByRole("table", { name: "Movements of credits" });
	await expect(statement.getByRole("columnheader", { name: "When" })).toBeVisible();
	const times = statement.getByRole("time");
	await expect(times).toHaveCount(2);
	for (const time of await times.all()) await expect(time).toBeVisible();
	const tooWide = await statement.evaluate((table) => {
		const frame = table.parentElement as HTMLElement;
		return frame.scrollWidth - frame.clientWidth;
	});
	expect(tooWide).toBeLessThanOrEqual(0);
});

test("a page that needs somebody asks to sign in and then goes on to it", async ({ page }) => {
	await page.goto("/gallery");
	await expect(page).toHaveURL(/\/sign-in\?next=%2Fgallery$/);
	await page.getByRole("button", { name: "Go on as a guest" }).click();
	await expect(page.getByRole("heading", { name: "Gallery" })).toBeVisible();
});

test("the light that was chosen stays", async ({ page }) => {
	await enterAsGuest(page);
	await page.goto("/account");
	await page.getByText("Dark", { exact: true }).click();
	await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
	await page.reload();
	await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
	await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
});

test("it can be used at another address of the machine than localhost", async ({ page, baseURL }) => {
	const { port } = new URL(baseURL as string);
	await page.goto(`http://127.0.0.1:${port}/`);
	await page.getByRole("button", { name: "Start as a guest" }).click();
	await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
	await page.goto(`http://127.0.0.1:${port}/sign-up`);
	await signUp(page, "mary@example.com");
	await expect(credits(page)).toHaveText(/20 available/);
});

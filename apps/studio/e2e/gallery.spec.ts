import { enterAsGuest, makeMany, makePlushie } from "./maker";
import { expect, test } from "./test";

test("an empty gallery says what it is for and leads to the first plushie", async ({ page }) => {
	await enterAsGuest(page);
	await page.goto("/gallery");
	await expect(page.getByRole("heading", { name: "Nothing on this roll yet" })).toBeVisible();
	await page.getByRole("link", { name: "Make the first plushie" }).click();
	await expect(page).toHaveURL(/\/plushies$/);
});

test("the gallery shows twelve at a time, and older ones when asked", async ({ page }) => {
	await enterAsGuest(page);
	await makeMany(page, 14);
	await page.goto("/gallery");
	await expect(page.getByRole("article")).toHaveCount(12);
	const older = page.getByRole("button", { name: "Show older" });
	await older.scrollIntoViewIfNeeded();
	const scrolled = await page.evaluate(() => window.scrollY);
	expect(scrolled).toBeGreaterThan(0);
	await older.click();
	await expect(page.getByRole("article")).toHaveCount(14);
	await expect(older).toBeHidden();
	await expect(page.getByRole("article").nth(12).getByRole("link").first()).toBeFocused();
	expect(await page.evaluate(() => window.scrollY)).toBeGreaterThanOrEqual(scrolled);
});

test("every status has its frame: developing, refused with what to do, done with a slider", async ({ page }) => {
	await enterAsGuest(page);
	await makeMany(page, 1);
	await makePlushie(page, "[moderated]");
	await expect(page.getByRole("heading", { name: "The model refused this one" })).toBeVisible();
	// The same again would be refused again, so it is not offered.
	await expect(page.getByRole("button", { name: "Retry" })).toBeHidden();
	await expect(page.getByRole("main").getByRole("link", { name: "Another photo or notes" })).toBeVisible();
	await makePlushie(page, "[gate]");
	await page.goto("/gallery");
	const frames = page.getByRole("article");
	await expect(frames).toHaveCount(3);
	await expect(frames.nth(0)).toContainText("Developing");
	await expect(frames.nth(0).getByRole("progressbar")).toBeVisible();
	await expect(frames.nth(1)).toContainText("Failed");
	await expect(frames.nth(1)).toContainText("refused");
	await expect(frames.nth(1).getByRole("button", { name: "Retry" })).toBeHidden();
	const reason = frames.nth(1).getByText("because the prompt says [moderated]");
	await expect(reason).toHaveText(/Take that out and try again\. +Nothing was charged: your credit is back\.$/);
	expect(await reason.evaluate((words) => words.scrollHeight - words.clientHeight)).toBe(0);
	await expect(frames.nth(1).getByRole("paragraph")).toHaveCount(1);
	await expect(frames.nth(1)).toHaveAccessibleName(/^Failed plushie “\[moderated\]”, \d+ \w+,? (at )?\d+:\d+$/);
	await expect(frames.nth(1).getByRole("link", { name: /^Open Failed plushie “/ })).toHaveAccessibleName(/\d+:\d+$/);
	await expect(frames.nth(2)).toContainText("Done");
	await expect(frames.nth(2).getByRole("slider")).toBeVisible();

	await frames.nth(0).getByRole("button", { name: "Cancel" }).click();
	await expect(frames.nth(0)).toContainText("This one was cancelled. Nothing was charged: your credit is back.");
	await expect(frames.nth(0).getByRole("button", { name: "Retry" })).toBeVisible();
	await frames.nth(1).getByRole("link", { name: "Another photo or notes" }).click();
	await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
});

test("a deleted plushie is gone, also after a reload", async ({ page }) => {
	await enterAsGuest(page);
	await makeMany(page, 2);
	await page.goto("/gallery");
	await expect(page.getByRole("article")).toHaveCount(2);
	await page.getByRole("button", { name: "Delete" }).first().click();
	const dialog = page.getByRole("alertdialog", { name: "Delete this plushie?" });
	await dialog.getByRole("button", { name: "Keep it" }).click();
	await expect(dialog).toBeHidden();
	await expect(page.getByRole("article")).toHaveCount(2);

	await page.getByRole("button", { name: "Delete" }).first().click();
	await dialog.getByRole("button", { name: "Delete" }).click();
	await expect(page.getByRole("article")).toHaveCount(1);
	await page.reload();
	await expect(page.getByRole("article")).toHaveCount(1);
});

test("a generation that ends while the gallery is open changes in its place", async ({ page, gate }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).click();
	await expect(page.getByRole("article")).toContainText("Developing");
	gate.open();
	await expect(page.getByRole("article")).toContainText("Done");
	await expect(page.getByRole("article").getByRole("slider")).toBeVisible();
});

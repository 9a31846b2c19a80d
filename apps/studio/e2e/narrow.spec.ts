import type { Locator } from "@playwright/test";
import { enterAsGuest, makePlushie, ready } from "./maker";
import { expect, type Page, test } from "./test";

/** Nothing in them is a place where a line may break. */
const word = "Teddy".repeat(30);
const address = `https://example.com/${"a-long-path/".repeat(12)}`;

async function expectNoSideways(page: Page, where: string): Promise<void> {
	const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
	expect(tooWide, `${where} is wider than the screen`).toBeLessThanOrEqual(0);
}

for (const width of [320, 390]) {
	test(`notes without a break do not make a page of ${width} px scroll sideways`, async ({ page }) => {
		await page.setViewportSize({ width, height: 844 });
		await enterAsGuest(page);
		await makePlushie(page, address);
		await expect(ready(page)).toBeVisible();
		await expect(page.getByRole("definition").filter({ hasText: "https://example.com" })).toBeVisible();
		await expectNoSideways(page, "what came out");
		await makePlushie(page, `[moderated] ${word}`);
		await expect(page.getByRole("heading", { name: "The model refused this one" })).toBeVisible();
		await expectNoSideways(page, "what was refused");
		await page.goto("/gallery");
		await expect(page.getByRole("article")).toHaveCount(2);
		await expectNoSideways(page, "the gallery");
		await page.goto("/plushies");
		await expect(page.getByRole("article")).toHaveCount(2);
		await expectNoSideways(page, "the form");
	});
}

/** Whether it can be pressed without scrolling: above the navigation at the thumb. */
async function expectAtHand(page: Page, action: Locator): Promise<void> {
	await expect(action).toBeVisible();
	const [box, thumb] = await Promise.all([action.boundingBox(), page.getByRole("navigation").boundingBox()]);
	expect((box?.y ?? Number.NaN) + (box?.height ?? 0)).toBeLessThanOrEqual(thumb?.y ?? 0);
}

test("on a phone the main action of every end is there without scrolling", async ({ page }) => {
	await page.setViewportSize({ width: 390, height: 844 });
	await enterAsGuest(page);
	await makePlushie(page);
	await expect(ready(page)).toBeVisible();
	await expectAtHand(page, page.getByRole("link", { name: "Download" }));
	await makePlushie(page, "[flaky:3]");
	await expect(page.getByRole("heading", { name: "It did not come out" })).toBeVisible();
	await expectAtHand(page, page.getByRole("button", { name: "Retry" }));
	await makePlushie(page, "[moderated]");
	await expect(page.getByRole("heading", { name: "The model refused this one" })).toBeVisible();
	await expectAtHand(page, page.getByRole("main").getByRole("link", { name: "Another photo or notes" }));
});

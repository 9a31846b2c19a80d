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
	});
}

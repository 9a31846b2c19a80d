import type { Locator } from "@playwright/test";
import { holdCode } from "./late-code";
import { enterAsGuest, fillIn, makeMany, makePlushie, ready } from "./maker";
import { expect, test } from "./test";

/** As somebody does who has no pointer. */
async function press(button: Locator): Promise<void> {
	await button.focus();
	await button.press("Enter");
}

test("who starts, submits, cancels and tries again by keyboard is on the heading of what came of it", async ({
	page,
}) => {
	const heading = (name: string) => page.getByRole("heading", { name, level: 1 });
	await page.goto("/");
	await press(page.getByRole("button", { name: "Start as a guest" }));
	await expect(heading("Make a plushie")).toBeFocused();

	await fillIn(page, "[gate]");
	await press(page.getByRole("button", { name: "Make a plushie" }));
	await expect(heading("Developing")).toBeFocused();
	await press(page.getByRole("button", { name: "Cancel" }));
	await expect(heading("Cancelled")).toBeFocused();
	await press(page.getByRole("button", { name: "Retry" }));
	await expect(heading("Developing")).toBeFocused();
});

function isOutlined(place: Locator): Promise<boolean> {
	return place.evaluate((element) => getComputedStyle(element).outlineStyle !== "none");
}

test("the focus that is set after a press is seen by who uses the keyboard, and not by who uses a mouse", async ({
	page,
}) => {
	const heading = page.getByRole("heading", { level: 1 });
	await enterAsGuest(page);
	await expect(heading).toBeFocused();
	expect(await isOutlined(heading)).toBe(false);
	// Whoever goes on by keyboard sees from where.
	await page.keyboard.press("Shift");
	expect(await isOutlined(heading)).toBe(true);

	await fillIn(page, "[gate]");
	await page.getByRole("button", { name: "Make a plushie" }).click();
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page.getByRole("heading", { name: "Cancelled" })).toBeFocused();
	expect(await isOutlined(heading)).toBe(false);

	// A page that is open still asks for the credits of who has gone.
	await page.goto("about:blank");
	await page.context().clearCookies();
	await page.goto("/");
	await press(page.getByRole("button", { name: "Start as a guest" }));
	await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeFocused();
	expect(await isOutlined(heading)).toBe(true);
	const [box, main] = await Promise.all([heading.boundingBox(), page.getByRole("main").boundingBox()]);
	expect(box?.width).toBeLessThan((main?.width ?? 0) / 2);
});

test("who deletes by keyboard goes on at the next card, and after the last one at the heading", async ({ page }) => {
	await enterAsGuest(page);
	await makeMany(page, 3);
	await page.goto("/gallery");
	const cards = page.getByRole("article");
	const links = cards.getByRole("link", { name: "Open" });
	await expect(cards).toHaveCount(3);

	async function remove(card: number): Promise<void> {
		await press(cards.nth(card).getByRole("button", { name: "Delete" }));
		await press(page.getByRole("alertdialog").getByRole("button", { name: "Delete" }));
	}
	const next = await links.nth(1).getAttribute("href");
	await remove(0);
	await expect(cards).toHaveCount(2);
	await expect(links.first()).toHaveAttribute("href", next as string);
	await expect(links.first()).toBeFocused();
	await remove(1);
	await expect(cards).toHaveCount(1);
	await expect(links.first()).toBeFocused();
	await remove(0);
	await expect(page.getByRole("heading", { name: "Gallery", level: 1 })).toBeFocused();
});

test("who cancels in the gallery stays on the card", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	await page.goto("/gallery");
	await press(page.getByRole("button", { name: "Cancel" }));
	await expect(page.getByRole("button", { name: "Retry" })).toBeVisible();
	await expect(page.getByRole("article").getByRole("link", { name: "Open" })).toBeFocused();
	await press(page.getByRole("button", { name: "Retry" }));
	await expect(page.getByRole("button", { name: "Cancel" })).toBeVisible();
	await expect(page.getByRole("article").getByRole("link", { name: "Open" })).toBeFocused();
});

test("who cancels before the page's code has come is on the heading of what came of it, too", async ({ page }) => {
	await enterAsGuest(page);
	const id = await makePlushie(page, "[gate]");
	const goOn = await holdCode(page);
	await page.goto(`/plushies/${id}`, { waitUntil: "commit" });
	await press(page.getByRole("button", { name: "Cancel" }));
	goOn();
	await expect(page.getByRole("heading", { name: "Cancelled", level: 1 })).toBeFocused();
});

test("the slider goes to both ends, and says how much of the photo is to be seen", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page);
	await expect(ready(page)).toBeVisible();
	const slider = page.getByRole("slider");
	await slider.focus();
	await expect(slider).toHaveAttribute("aria-valuetext", "50 % of the photo");
	await page.keyboard.press("ArrowLeft");
	await expect(slider).toHaveAttribute("aria-valuetext", "45 % of the photo");
	await page.keyboard.press("Home");
	await expect(slider).toHaveAttribute("aria-valuenow", "0");
	await page.keyboard.press("End");
	await expect(slider).toHaveAttribute("aria-valuetext", "100 % of the photo");

	await page.goto("/gallery");
	await page.getByRole("article").getByRole("link", { name: "Open" }).focus();
	await page.keyboard.press("Tab");
	await expect(page.getByRole("link", { name: "Download" })).toBeFocused();
	await page.keyboard.press("Shift+Tab");
	await page.keyboard.press("Shift+Tab");
	await expect(page.getByRole("main").getByRole("link", { name: "Make a plushie" })).toBeFocused();
});

import AxeBuilder from "@axe-core/playwright";
import { enterAsGuest, fillIn, makePlushie, phonePhoto, ready } from "./maker";
import { expect, type Page, test } from "./test";

const looks = [
	{ look: "in the light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
	{ look: "in the dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
	{ look: "on a phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
] as const;

/** Everything that axe finds, and anything wider than the screen, in each look. */
async function expectSound(page: Page, where: string): Promise<void> {
	for (const { look, colorScheme, viewport } of looks) {
		await page.emulateMedia({ colorScheme });
		await page.setViewportSize(viewport);
		await untilColoursAreThere(page);
		const { violations } = await new AxeBuilder({ page }).analyze();
		const faults = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
		expect(faults, `${where}, ${look}`).toEqual([]);
		const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		expect(tooWide, `${where}, ${look}, is wider than the screen`).toBeLessThanOrEqual(0);
	}
}

/** Colours are judged when they have arrived, not on their way. */
function untilColoursAreThere(page: Page): Promise<unknown> {
	return page.evaluate(() =>
		Promise.all(
			document
				.getAnimations()
				.filter((animation) => animation.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
				// A bar that creeps does so for long, and keeps its colour.
				.filter((animation) => !(animation instanceof CSSAnimation && animation.animationName === "creep"))
				.map((animation) => animation.finished.catch(() => {})),
		),
	);
}

test.describe("axe finds nothing, and nothing is too wide,", () => {
	test("on the pages that need no plushie", async ({ page }) => {
		await page.goto("/");
		await expectSound(page, "landing");
		await page.goto("/sign-in");
		await expectSound(page, "sign in");
		await page.goto("/sign-up");
		await expectSound(page, "sign up");
		await enterAsGuest(page);
		await expectSound(page, "make, empty");
		await fillIn(page);
		await expectSound(page, "make, with a photo");
		await page.goto("/gallery");
		await expect(page.getByRole("heading", { name: "Nothing on this roll yet" })).toBeVisible();
		await expectSound(page, "gallery, empty");
		await page.goto("/account");
		await expectSound(page, "account");
	});

	test("on a plushie's, done, refused and developing, and in the gallery", async ({ page }) => {
		await enterAsGuest(page);
		await makePlushie(page);
		await expect(ready(page)).toBeVisible();
		await expectSound(page, "plushie, done");
		await makePlushie(page, "[moderated]");
		await expect(page.getByRole("heading", { name: "The model refused this one" })).toBeVisible();
		await expectSound(page, "plushie, refused");
		await page.getByRole("button", { name: "Delete" }).click();
		await expect(page.getByRole("alertdialog")).toBeVisible();
		await expectSound(page, "delete dialog");
		await makePlushie(page, "[gate]");
		await expectSound(page, "plushie, developing");
		await page.goto("/gallery");
		await expect(page.getByRole("article")).toHaveCount(3);
		await expectSound(page, "gallery");
	});

	test.describe("where there is no page", () => {
		test.use({ expectedErrors: /nowhere.*status of 404/ });

		test("either", async ({ page }) => {
			await page.goto("/nowhere");
			await expectSound(page, "not found");
		});
	});
});

/** Goes on with the tab key until `name` has the focus. */
async function tabTo(page: Page, role: "button" | "link" | "textbox", name: string): Promise<void> {
	const target = page.getByRole(role, { name }).first();
	for (let presses = 0; presses < 40; presses++) {
		await page.keyboard.press("Tab");
		if (await target.evaluate((element) => element === document.activeElement)) return;
	}
	throw new Error(`The tab key never came to the ${role} "${name}".`);
}

test("everything can be done by keyboard alone", async ({ page }) => {
	await page.goto("/");
	await page.keyboard.press("Tab");
	await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("main")).toBeFocused();
	await tabTo(page, "button", "Start as a guest");
	await page.keyboard.press("Enter");
	// The page begins there when its code has come, and would take the focus away from a key that is pressed before.
	await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeFocused();

	const chooser = page.waitForEvent("filechooser");
	for (;;) {
		await page.keyboard.press("Tab");
		if (await page.getByLabel("Choose a photo").evaluate((element) => element === document.activeElement)) break;
	}
	await page.keyboard.press("Enter");
	await (await chooser).setFiles(await phonePhoto());
	await tabTo(page, "textbox", "Notes");
	await page.keyboard.type("Soft ears.");
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
	await tabTo(page, "button", "Make a plushie");
	await page.keyboard.press("Enter");
	await expect(ready(page)).toBeVisible();

	await tabTo(page, "button", "Delete");
	await page.keyboard.press("Enter");
	await expect(page.getByRole("alertdialog")).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(page.getByRole("alertdialog")).toBeHidden();
	await expect(page.getByRole("button", { name: "Delete" })).toBeFocused();
});

/** Animations that last. A transition of a hundredth of a millisecond is none, though it may be seen to run for a frame. */
function moving(page: Page): Promise<number> {
	return page.evaluate(
		() =>
			document
				.getAnimations()
				.filter(
					({ playState, effect }) => playState === "running" && Number(effect?.getComputedTiming().activeDuration) > 1,
				).length,
	);
}

test("with reduced motion nothing moves, and the picture is there all the same", async ({ page, gate }) => {
	await page.emulateMedia({ reducedMotion: "reduce" });
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	await expect(page.getByRole("heading", { name: "Developing" })).toBeVisible();
	expect(await moving(page)).toBe(0);
	gate.open();
	await expect(ready(page)).toBeVisible();
	await expect(page.getByRole("main").getByRole("img").nth(1)).toHaveCSS("opacity", "1");
	expect(await moving(page)).toBe(0);
});

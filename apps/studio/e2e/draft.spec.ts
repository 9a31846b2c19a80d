import { holdCode } from "./late-code";
import { enterAsGuest, fillIn, makePlushie, phonePhoto, ready, signUp } from "./maker";
import { expect, type Page, test } from "./test";

const notes = "One ear folds over.";

async function expectDraft(page: Page): Promise<void> {
	await expect(page.getByRole("textbox", { name: "Notes" })).toHaveValue(notes);
	const photo = page.getByRole("img", { name: "Chosen: IMG_0042.jpg" });
	await expect.poll(() => photo.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
}

test("a form that was not sent is as it was left, through the gallery and a reload; once sent it is empty", async ({
	page,
}) => {
	await enterAsGuest(page);
	await fillIn(page, notes);
	await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).click();
	await expect(page.getByRole("heading", { name: "Gallery" })).toBeVisible();
	await page.goBack();
	await expectDraft(page);
	await page.reload();
	await expectDraft(page);
	await page.getByRole("button", { name: "Make a plushie" }).click();
	await expect(ready(page)).toBeVisible();
	await page.goto("/plushies");
	await expect(page.getByText("Choose a photo first.")).toBeVisible();
	await expect(page.getByRole("textbox", { name: "Notes" })).toHaveValue("");
});

test.describe("before the page's code has come", () => {
	test("what is chosen and written is not lost, nor by a press of the button", async ({ page }) => {
		await enterAsGuest(page);
		const goOn = await holdCode(page);
		await page.goto("/plushies", { waitUntil: "commit" });
		await page.getByLabel("Choose a photo").setInputFiles(await phonePhoto());
		await page.getByRole("textbox", { name: "Notes" }).fill(notes);
		await page.getByRole("button", { name: "Make a plushie" }).click({ force: true });
		await expect(page.getByText("Choose a photo first.")).toBeVisible();
		goOn();
		await expectDraft(page);
		expect(new URL(page.url()).search).toBe("");
	});

	test("a button that is pressed does its work afterwards", async ({ page }) => {
		const goOn = await holdCode(page);
		await page.goto("/", { waitUntil: "commit" });
		const button = page.getByRole("button", { name: "Start as a guest" });
		await button.click();
		await expect(button).toHaveCSS("opacity", "0.55");
		goOn();
		await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
	});

	test("a password that is sent never comes into the address", async ({ page }) => {
		const goOn = await holdCode(page);
		const addresses: string[] = [];
		page.on("request", (request) => addresses.push(request.url()));
		await page.goto("/sign-up", { waitUntil: "commit" });
		await page.getByLabel("Name").fill("Ada");
		await page.getByLabel("E-mail").fill("early@example.com");
		await page.getByLabel("Password").fill("correct horse battery");
		await page.keyboard.press("Enter");
		goOn();
		await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
		await expect(page.getByRole("banner").getByText("Ada")).toBeVisible();
		expect(addresses.filter((address) => address.includes("horse"))).toEqual([]);
	});
});

test.describe("when the session is lost while the form is open", () => {
	test.use({ expectedErrors: /status of 40[14]/ });

	test("the form leads to sign in and back, and the same account finds notes and photo", async ({ page, context }) => {
		await page.goto("/sign-up");
		await signUp(page, "katherine@example.com");
		await fillIn(page, notes);
		await context.clearCookies();
		await page.getByRole("button", { name: "Make a plushie" }).click();
		await expect(page.getByText("You are signed out")).toBeVisible();
		await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible();
		await expect(page.getByRole("banner").getByText("Ada")).toBeHidden();
		await page.getByRole("link", { name: "Sign in to go on" }).click();
		await page.getByLabel("E-mail").fill("katherine@example.com");
		await page.getByLabel("Password").fill("correct horse battery");
		await page.getByRole("button", { name: "Sign in" }).click();
		await expectDraft(page);
		await page.getByRole("button", { name: "Make a plushie" }).click();
		await expect(ready(page)).toBeVisible();
	});

	test("somebody else finds the notes, and is asked for a photo", async ({ page, context }) => {
		await enterAsGuest(page);
		await fillIn(page, notes);
		await context.clearCookies();
		await page.getByRole("button", { name: "Make a plushie" }).click();
		await page.getByRole("link", { name: "Sign in to go on" }).click();
		await page.getByRole("button", { name: "Go on as a guest" }).click();
		await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
		await expect(page.getByRole("textbox", { name: "Notes" })).toHaveValue(notes);
		await expect(page.getByText("Choose a photo first.")).toBeVisible();
		await page.getByLabel("Choose a photo").setInputFiles(await phonePhoto());
		await page.getByRole("button", { name: "Make a plushie" }).click();
		await expect(ready(page)).toBeVisible();
	});
});

test("what is left in another try stays with that one", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[moderated]");
	await page.getByRole("main").getByRole("link", { name: "Another photo or notes" }).click();
	await page.getByRole("textbox", { name: "Notes" }).fill("Blue, please.");
	await page.reload();
	await expect(page.getByRole("textbox", { name: "Notes" })).toHaveValue("Blue, please.");
	await page.goto("/plushies");
	await expect(page.getByRole("textbox", { name: "Notes" })).toHaveValue("");
});

import { credits, enterAsGuest, fillIn, makePlushie, phonePhoto, ready } from "./maker";
import { expect, test } from "./test";

test.use({ contextOptions: { reducedMotion: "no-preference" } });

test("a newcomer makes a plushie from a photo, compares it and takes it home", async ({ page }) => {
	await enterAsGuest(page);
	await expect(credits(page)).toHaveText(/20 available/);
	await expect(page.getByText("1 credit")).toBeVisible();
	await expect(page.getByText("Placeholder model")).toBeVisible();
	await expect(page.getByText("Choose a photo first.")).toBeVisible();

	await makePlushie(page, "A blue scarf.");
	await expect(ready(page)).toBeVisible();
	await expect(credits(page)).toHaveText(/19 available/);
	await expect(page.getByText("1 credit", { exact: true })).toBeVisible();

	const slider = page.getByRole("slider", { name: "Compare the photo with the plushie" });
	await slider.focus();
	await page.keyboard.press("ArrowRight");
	await expect(slider).toHaveAttribute("aria-valuenow", "55");

	const download = page.waitForEvent("download");
	await page.getByRole("link", { name: "Download" }).click();
	expect((await download).suggestedFilename()).toMatch(/\.(png|jpeg|webp)$/);
});

test("a reload in the middle shows where it is, and the work goes on meanwhile", async ({ page, gate }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
	await expect(looking).toContainText("under way");
	const before = Number(await page.getByRole("progressbar", { name: "Progress" }).getAttribute("aria-valuenow"));
	expect(before).toBeGreaterThan(0);

	await page.reload();
	const shown = Number(await page.getByRole("progressbar", { name: "Progress" }).getAttribute("aria-valuenow"));
	expect(shown).toBeGreaterThanOrEqual(before);
	await expect(looking).toContainText("under way");

	gate.open();
	await page.reload();
	await expect(ready(page)).toBeVisible();
});

test("a cancelled generation costs nothing and can be started again", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	await expect(credits(page)).toHaveText(/19 available \(1 in use\)/);
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
	await expect(page.getByText("Nothing was charged: your credit is back.")).toBeVisible();
	await expect(credits(page)).toHaveText(/20 available/);

	await page.getByRole("button", { name: "Retry" }).click();
	await expect(page.getByRole("heading", { name: "Developing" })).toBeVisible();
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
});

test("a failure says why, costs nothing, and is retried from where it stopped, without another upload", async ({
	page,
}) => {
	const uploads: string[] = [];
	page.on("request", (request) => {
		if (request.method() === "POST" && request.url().endsWith("/api/uploads")) uploads.push(request.url());
	});
	await enterAsGuest(page);
	// Three tries are lost while looking at the photo, three more while sewing: two retries bring it home.
	await makePlushie(page, "[flaky:3]");
	const retry = page.getByRole("button", { name: "Retry" });
	await expect(page.getByRole("heading", { name: "It did not come out" })).toBeVisible();
	await expect(page.getByRole("main").getByText(/^The placeholder model failed 3 of 3 times/)).toBeVisible();
	await expect(page.getByText("Nothing was charged: your credit is back.")).toBeVisible();
	await expect(credits(page)).toHaveText(/20 available/);

	await retry.click();
	const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
	const sewing = page.getByRole("listitem").filter({ hasText: "Sewing the plushie" });
	await expect(sewing).toContainText("failed");
	await expect(looking).toContainText("done");
	await retry.click();
	await expect(ready(page)).toBeVisible();
	await expect(credits(page)).toHaveText(/19 available/);
	expect(uploads).toHaveLength(1);
});

test("a double click starts one generation, and the next one can follow at once", async ({ page }) => {
	await enterAsGuest(page);
	await fillIn(page);
	await page.getByRole("button", { name: "Make a plushie" }).dblclick();
	await expect(ready(page)).toBeVisible();
	await page.getByRole("link", { name: "Make another" }).click();
	await makePlushie(page);
	await expect(ready(page)).toBeVisible();
	await page.goto("/gallery");
	await expect(page.getByRole("article")).toHaveCount(2);
	await expect(credits(page)).toHaveText(/18 available/);
});

test("what is no usable photo is refused with a sentence before anything is sent", async ({ page }) => {
	const uploads: string[] = [];
	page.on("request", (request) => {
		if (request.url().endsWith("/api/uploads")) uploads.push(request.url());
	});
	await enterAsGuest(page);
	const input = page.getByLabel("Choose a photo");
	await expect(page.getByText("JPEG, PNG, WebP, AVIF or GIF, up to 10 MB.")).toBeVisible();
	const advice = "Export it as JPEG. On an iPhone: Settings → Camera → Formats → Most Compatible.";
	await expect(page.getByText(`A HEIC photo? ${advice}`)).toBeVisible();
	// Without HEIC among what is offered, an iPhone hands over a JPEG by itself.
	await expect(input).not.toHaveAttribute("accept", /hei[cf]/);
	await input.setInputFiles({ name: "essay.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });
	await expect(page.getByText("This is not a photo that can be used.")).toBeVisible();
	await input.setInputFiles({ name: "IMG_1.HEIC", mimeType: "image/heic", buffer: Buffer.from("heic") });
	await expect(page.getByText(`This is a HEIC photo, which cannot be read here. ${advice}`)).toBeVisible();
	await input.setInputFiles({ name: "huge.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(10 * 1024 * 1024 + 1) });
	await expect(page.getByText("at most 10 MB can be used")).toBeVisible();
	const [{ buffer: dot }, { buffer: small }] = await Promise.all([phonePhoto(1), phonePhoto(31)]);
	await input.setInputFiles({ name: "dot.jpg", mimeType: "image/jpeg", buffer: dot });
	await expect(page.getByText("This photo is too small: it has 1 × 1 pixels")).toBeVisible();
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();
	expect(uploads).toEqual([]);
	const forced = await page.request.post("/api/uploads", {
		multipart: { file: { name: "small.jpg", mimeType: "image/jpeg", buffer: small } },
	});
	expect(forced.status()).toBe(422);
	expect(await forced.json()).toMatchObject({ code: "unreadable_image", detail: expect.stringContaining("too small") });
	await input.setInputFiles(await phonePhoto());
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
});

test.describe("what only claims to be a photo", () => {
	// The browser itself logs every answer of 400 and above.
	test.use({ expectedErrors: /status of 4(15|22)/ });

	test("is refused by the server, and the form asks for another file", async ({ page }) => {
		await enterAsGuest(page);
		await page
			.getByLabel("Choose a photo")
			.setInputFiles({ name: "cat.jpg", mimeType: "image/jpeg", buffer: Buffer.from("I am a cat") });
		await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();
		await expect(page.getByText("This file is not a picture that can be used.")).toBeVisible();
		await expect(page.getByText("Choose another file first.")).toBeVisible();
		await expect(page.getByRole("button", { name: "Upload again" })).toBeHidden();

		const truncated = await phonePhoto();
		await page
			.getByLabel("Choose a photo")
			.setInputFiles({ ...truncated, buffer: truncated.buffer.subarray(0, truncated.buffer.length / 2) });
		await expect(page.getByText("This JPEG picture is incomplete or broken.")).toBeVisible();
		await expect(page.getByRole("button", { name: "Upload again" })).toBeHidden();

		const chooser = page.waitForEvent("filechooser");
		await page.getByRole("button", { name: "Choose another file" }).click();
		await (await chooser).setFiles(await phonePhoto());
		await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
	});
});

test.describe("while the server cannot take it", () => {
	test.use({ expectedErrors: /status of 503/ });

	test("an upload is sent again as it is", async ({ page }) => {
		await enterAsGuest(page);
		await page.route("**/api/uploads", (route) => route.fulfill({ status: 503, body: "away" }), { times: 1 });
		await page.getByLabel("Choose a photo").setInputFiles(await phonePhoto());
		await page.getByRole("button", { name: "Upload again" }).click();
		await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
	});
});

test("another try after a refusal begins with the photo and the notes of the refused one", async ({ page }) => {
	const uploads: string[] = [];
	page.on("request", (request) => {
		if (request.method() === "POST" && request.url().endsWith("/api/uploads")) uploads.push(request.url());
	});
	await enterAsGuest(page);
	await makePlushie(page, "[moderated] one ear folds over");
	await page.getByRole("main").getByRole("link", { name: "Another photo or notes" }).click();
	const notes = page.getByRole("textbox", { name: "Notes" });
	await expect(notes).toHaveValue("[moderated] one ear folds over");
	const photo = page.getByRole("img", { name: "Chosen: the photo from before" });
	await expect(photo).toBeVisible();
	await expect.poll(() => photo.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);

	await notes.fill("One ear folds over.");
	await page.getByRole("button", { name: "Make a plushie" }).click();
	await expect(ready(page)).toBeVisible();
	expect(uploads).toHaveLength(1);

	// Whoever begins anew begins with nothing.
	await page.getByRole("link", { name: "Make another" }).click();
	await expect(page.getByRole("textbox", { name: "Notes" })).toHaveValue("");
	await expect(page.getByText("Choose a photo first.")).toBeVisible();
});

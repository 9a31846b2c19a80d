import { enterAsGuest, makeMany, makePlushie, phonePhoto, ready } from "./maker";
import { expect, type Page, test } from "./test";

/**
 * Hands the page a picture as the browser does when one is pasted, or held over a place beside the well and dropped there.
 * Resolves with whether the page has claimed it.
 */
async function hand(page: Page, how: "paste" | "dragover" | "drop"): Promise<boolean> {
	const { name, mimeType, buffer } = await phonePhoto(400);
	return page.evaluate(
		({ how, name, type, bytes }) => {
			const data = new DataTransfer();
			data.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type }));
			const event =
				how === "paste"
					? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
					: new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true });
			document.querySelector("h1")?.dispatchEvent(event);
			return event.defaultPrevented;
		},
		{ how, name, type: mimeType, bytes: buffer.toString("base64") },
	);
}

for (const how of ["paste", "drop"] as const) {
	test(`a picture is taken by ${how}, wherever on the page`, async ({ page }) => {
		await enterAsGuest(page);
		await expect(page.getByText("Choose a photo first.")).toBeVisible();
		// The page is shown before it listens.
		await expect.poll(() => hand(page, "dragover")).toBe(true);
		// A browser leaves the page for a dropped file that nobody has claimed.
		expect(await hand(page, how)).toBe(how === "drop");
		await expect(page.getByRole("img", { name: "Chosen: IMG_0042.jpg" })).toBeVisible();
		await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
	});
}

test("the tab's title tells how far it is, and the steps have no names but those for people", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	await expect(page).toHaveTitle(/^Developing [1-9]\d? % · Darkroom$/);
	await expect(page.getByRole("list", { name: "Steps" })).not.toContainText("upload-original");
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page).toHaveTitle("Cancelled · Darkroom");
	await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).click();
	await expect(page).toHaveTitle("Gallery · Darkroom");
	await makePlushie(page, "[moderated]");
	await expect(page).toHaveTitle("Failed · Darkroom");
	await makePlushie(page);
	await expect(page).toHaveTitle("Ready · Darkroom");
});

test("a download is named after what it shows, and both pictures can be seen whole", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page);
	await expect(ready(page)).toBeVisible();
	const download = page.waitForEvent("download");
	await page.getByRole("link", { name: "Download" }).click();
	expect((await download).suggestedFilename()).toMatch(/^plushie-of-[a-z]+-in-a-portrait-picture\.(png|jpeg|webp)$/);
	for (const name of ["Photo", "Plushie"]) {
		const href = await page.getByRole("main").getByRole("link", { name, exact: true }).getAttribute("href");
		const answer = await page.request.get(href as string);
		expect(answer.headers()["content-type"]).toMatch(/^image\//);
	}
});

test("what is deleted in one tab leaves the others", async ({ page, context }) => {
	await enterAsGuest(page);
	await makeMany(page, 2);
	await page.goto("/gallery");
	const other = await context.newPage();
	await other.goto("/gallery");
	await expect(other.getByRole("article")).toHaveCount(2);
	await page.getByRole("button", { name: "Delete" }).first().click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await expect(page.getByRole("article")).toHaveCount(1);
	await expect(other.getByRole("article")).toHaveCount(1);
});

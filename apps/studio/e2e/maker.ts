import { join } from "node:path";
import sharp from "sharp";
import { expect, type Page } from "./test";

const sample = join(import.meta.dirname, "../public/sample-photo.webp");

/** A photo as a phone takes it: a JPEG that lies on its side and says so. `width` in pixels, before it is turned. */
export async function phonePhoto(width = 1200): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
	const buffer = await sharp(sample)
		.resize(width, Math.round(width * 0.75))
		.rotate(-90)
		.withMetadata({ orientation: 6 })
		.jpeg()
		.toBuffer();
	return { name: "IMG_0042.jpg", mimeType: "image/jpeg", buffer };
}

/** Comes in as somebody new, through the front door. `at` is another Studio than the test's own. */
export async function enterAsGuest(page: Page, at = ""): Promise<void> {
	await page.goto(`${at}/`);
	await page.getByRole("button", { name: "Start as a guest" }).click();
	await expect(page.getByRole("heading", { name: "Make a plushie" })).toBeVisible();
}

export const password = "correct horse battery";

/** Fills in the form to make an account, which the page shows, and sends it. */
export async function fillInAccount(page: Page, email: string): Promise<void> {
	await page.getByLabel("Name").fill("Ada");
	await page.getByLabel("E-mail").fill(email);
	await page.getByLabel("Password").fill(password);
	await page.getByRole("button", { name: "Create account" }).click();
}

/** The same, until it has worked. */
export async function signUp(page: Page, email: string): Promise<void> {
	await fillInAccount(page, email);
	await page.waitForURL((url) => url.pathname !== "/sign-up");
}

/** Fills in the form, up to where its button can be pressed. */
export async function fillIn(page: Page, notes?: string, at = ""): Promise<void> {
	await page.goto(`${at}/plushies`);
	await page.getByLabel("Choose a photo").setInputFiles(await phonePhoto());
	if (notes) await page.getByRole("textbox", { name: "Notes" }).fill(notes);
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeEnabled();
}

/** Starts a plushie and goes to its page. Resolves with its id. */
export async function makePlushie(page: Page, notes?: string, at?: string): Promise<string> {
	await fillIn(page, notes, at);
	await page.getByRole("button", { name: "Make a plushie" }).click();
	await page.waitForURL(/\/plushies\/[a-z0-9]+$/);
	return page.url().split("/").at(-1) as string;
}

export function ready(page: Page) {
	return page.getByRole("heading", { name: "Your plushie is ready" });
}

/** The balance in the header. */
export function credits(page: Page) {
	return page.getByRole("banner").getByRole("link", { name: /available/ });
}

/** As many at a time as an owner may have active. */
const atOnce = 5;

/** Makes finished plushies the quick way, through the API, with one upload for all of them. */
export async function makeMany(page: Page, count: number): Promise<void> {
	const upload = await page.request.post("/api/uploads", { multipart: { file: await phonePhoto(160) } });
	const { asset } = await upload.json();
	for (let made = 0; made < count; made += atOnce) {
		const inTurn = Math.min(atOnce, count - made);
		await Promise.all(Array.from({ length: inTurn }, () => makeFrom(page, asset.id)));
	}
}

async function makeFrom(page: Page, photo: string): Promise<void> {
	const submitted = await page.request.post("/api/jobs/generate-plushie", { data: { input: { photo } } });
	expect(submitted.status()).toBe(202);
	const { job } = await submitted.json();
	await expect
		.poll(async () => (await (await page.request.get(`/api/jobs/${job.id}`)).json()).job.status, { intervals: [100] })
		.toBe("completed");
}

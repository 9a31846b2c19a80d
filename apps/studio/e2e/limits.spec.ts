import { credits, enterAsGuest, makePlushie } from "./maker";
import { expect, test } from "./test";

test("at five generations the form says so before it is tried, and opens again when one ends", async ({ page }) => {
	await enterAsGuest(page);
	for (let started = 0; started < 5; started++) await makePlushie(page, "[slow:60s]");
	await expect(credits(page)).toHaveText(/15 available \(5 in use\)/);

	await page.getByRole("navigation").getByRole("link", { name: "Plushies" }).click();
	const reason = page.getByText("You have 5 generations in progress. Please wait for one to complete.");
	await expect(reason).toBeVisible();
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();

	await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).click();
	await page.getByRole("button", { name: "Cancel" }).first().click();
	await expect(page.getByRole("article").getByText("Cancelled", { exact: true })).toBeVisible();
	await page.getByRole("navigation").getByRole("link", { name: "Plushies" }).click();
	await expect(reason).toBeHidden();
	await expect(page.getByText("Choose a photo first.")).toBeVisible();
});

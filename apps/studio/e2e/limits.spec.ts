import { credits, enterAsGuest, makePlushie } from "./maker";
import { expect, test } from "./test";

test("at five generations the form and every retry say so before it is tried, until one ends", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[flaky:3]");
	const retry = page.getByRole("main").getByRole("button", { name: "Retry" });
	await expect(retry).toBeEnabled();
	for (let started = 0; started < 5; started++) await makePlushie(page, "[gate]");
	await expect(credits(page)).toHaveText(/15 available \(5 in use\)/);

	await page.getByRole("navigation").getByRole("link", { name: "Plushies" }).click();
	const reason = page.getByText("You have 5 generations in progress. Please wait for one to complete.");
	await expect(reason).toBeVisible();
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();

	await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).click();
	await expect(retry).toBeDisabled();
	await expect(retry).toHaveAccessibleDescription(/5 generations in progress/);
	await page.getByRole("navigation").getByRole("link", { name: "Plushies" }).click();
	const lately = page.getByRole("region", { name: "Lately" });
	await expect(lately.getByRole("button", { name: "Cancel" })).toHaveCount(5);
	await lately.getByRole("button", { name: "Cancel" }).first().click();
	await expect(lately.getByRole("article").getByText("Cancelled", { exact: true })).toBeVisible();
	await expect(reason).toBeHidden();
	await expect(page.getByText("Choose a photo first.")).toBeVisible();
	await page.getByRole("navigation").getByRole("link", { name: "Gallery" }).click();
	const cancelled = page.getByRole("article", { name: "Cancelled plushie" });
	await expect(cancelled.getByRole("button", { name: "Retry" })).toBeEnabled();
});

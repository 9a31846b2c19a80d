import { credits, enterAsGuest, makePlushie } from "./maker";
import { expect, test } from "./test";

test.use({ studioEnv: { STARTER_CREDITS: "2" } });

test("a warning tells that all credits are in use, and that they come back", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[slow:60s]");
	await makePlushie(page, "[slow:60s]");
	await expect(credits(page)).toHaveText(/0 available \(2 in use\)/);
	await page.goto("/plushies");
	await expect(page.getByText("All your credits are in use.")).toBeVisible();
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();
	await page.getByRole("article").first().getByRole("link", { name: "Open" }).click();
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(credits(page)).toHaveText(/1 available \(1 in use\)/);
});

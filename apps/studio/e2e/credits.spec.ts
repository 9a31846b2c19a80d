import { credits, enterAsGuest, makeMany, makePlushie, signUp } from "./maker";
import { expect, test } from "./test";

test.use({ studioEnv: { STARTER_CREDITS: "2" } });

test("a warning tells that all credits are in use, and what becomes of them", async ({ page }) => {
	await enterAsGuest(page);
	await makePlushie(page, "[gate]");
	await makePlushie(page, "[gate]");
	await expect(credits(page)).toHaveText(/0 available \(2 in use\)/);
	await page.goto("/plushies");
	await expect(page.getByText("All your credits are in use. Each is spent when its plushie is ready")).toBeVisible();
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();
	await page.getByRole("article").first().getByRole("button", { name: "Cancel" }).click();
	await expect(credits(page)).toHaveText(/1 available \(1 in use\)/);
});

test("a guest without credits is told to make an account first, and keeps everything by doing so", async ({ page }) => {
	await enterAsGuest(page);
	await makeMany(page, 2);
	await page.goto("/plushies");
	const reason = page.getByRole("status").filter({ hasText: "You have no credits left." });
	await expect(reason).toContainText("once you have an account");
	await expect(page.getByRole("button", { name: "Make a plushie" })).toBeDisabled();
	await reason.getByRole("link", { name: "Create an account" }).click();
	await expect(page.getByText("nothing made as a guest is lost")).toBeVisible();
	await signUp(page, "ada@example.com");
	await expect(page).toHaveURL(/\/plushies$/);
	await expect(page.getByText("You have no credits left. Whoever runs this Studio can give you more.")).toBeVisible();
	await expect(page.getByRole("article")).toHaveCount(2);
});

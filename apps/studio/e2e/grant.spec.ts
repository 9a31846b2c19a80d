import { hasPostgres, withoutPostgres } from "./database";
import { credits, enterAsGuest, makePlushie, ready, signUp } from "./maker";
import { test } from "./own";
import { expect } from "./test";

for (const store of ["SQLite", "Postgres"]) {
	test(`an operator gives credits to an account by its e-mail while the Studio runs, on ${store}`, async ({
		page,
		own,
	}) => {
		test.skip(store === "Postgres" && !hasPostgres, withoutPostgres);
		const env = store === "Postgres" ? (await own.createDatabase()).env : {};
		const studio = await own.startStudio({ STARTER_CREDITS: "0", ...env });
		await page.goto(`${studio.url}/sign-up`);
		await signUp(page, "Ada@Example.com");
		await expect(page.getByText("You have no credits left. Whoever runs this Studio can give you more.")).toBeVisible();

		const given = ["--email", "ada@example.com", "--amount", "2", "--key", "may"];
		const balance = "ada@example.com: 2 credits available, 0 in use\n";
		expect(await own.runGrant(given, env)).toContain(balance);
		// The same again, as after an answer that was lost.
		expect(await own.runGrant(given, env)).toContain(balance);
		await makePlushie(page, undefined, studio.url);
		await expect(ready(page)).toBeVisible();
		await expect(credits(page)).toHaveText(/1 available/);

		await expect(own.runGrant(["--email", "Ada@example.com", "--amount=-2"], env)).rejects.toThrow(
			"Nothing was given.",
		);
		await expect(own.runGrant(["--email", "bob@example.com", "--amount", "1"], env)).rejects.toThrow(
			"Nobody has an account with the e-mail bob@example.com.",
		);
		await page.goto(`${studio.url}/account`);
		await expect(page.getByRole("table").getByRole("row").filter({ hasText: "Given" })).toHaveCount(1);
	});
}

test("a failed plushie cannot be tried again without credits, and the gallery says why", async ({ page, own }) => {
	const studio = await own.startStudio({ STARTER_CREDITS: "1" });
	await enterAsGuest(page, studio.url);
	await makePlushie(page, "[flaky:3]", studio.url);
	await expect(page.getByRole("heading", { name: "It did not come out" })).toBeVisible();
	await expect(page.getByRole("button", { name: "Retry" })).toBeEnabled();
	await makePlushie(page, undefined, studio.url);
	await expect(ready(page)).toBeVisible();
	await page.goto(`${studio.url}/gallery`);
	await expect(page.getByRole("button", { name: "Retry" })).toBeDisabled();
	await expect(page.getByRole("button", { name: "Retry" })).toHaveAccessibleDescription(/You have no credits left/);
	await page.getByRole("article").filter({ hasText: "Failed" }).getByRole("link", { name: "Open" }).click();
	await expect(page.getByRole("button", { name: "Retry" })).toBeDisabled();
	await expect(page.getByRole("main").getByText("You have no credits left.")).toBeVisible();
});

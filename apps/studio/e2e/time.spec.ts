import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { credits, enterAsGuest, makePlushie } from "./maker";
import { expect, type Page, test } from "./test";

/** What happens when nothing happens: time is moved, never waited for. */

const minuteMs = 60_000;

/** Until the page is told by its stream that the model is at work, and what the job says of it: from here on, nothing changes. */
async function untilLooking(page: Page): Promise<void> {
	const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
	await expect(looking).toContainText("under way");
	// The last news of it: any that came after the page has gone to rest would wake it.
	await expect(page.getByText("Looking closely at the photo").first()).toBeVisible();
}

function resting(page: Page) {
	return page.getByRole("status").filter({ hasText: "Nothing has changed for 3 minutes" });
}

/** What the page asks the server for, from now on. */
function requestsOf(page: Page): string[] {
	const requests: string[] = [];
	page.on("request", (request) => {
		const { pathname } = new URL(request.url());
		if (/^\/api\/(jobs|events|credits)/.test(pathname)) requests.push(pathname);
	});
	return requests;
}

test("watching goes to rest after 3 minutes without a change, harms nothing, and looks again when it is asked", async ({
	page,
}) => {
	await page.clock.install();
	await enterAsGuest(page);
	const id = await makePlushie(page, "[gate]");
	await untilLooking(page);

	await page.clock.fastForward(2 * minuteMs);
	await expect(page.getByRole("heading", { name: "Developing" })).toBeVisible();
	await expect(resting(page)).toBeHidden();
	await page.clock.fastForward(minuteMs);
	await expect(resting(page)).toContainText("What is being made is not harmed by that.");

	// Nobody looks any more, however long: no request leaves the page, and news does not reach it.
	const requests = requestsOf(page);
	await page.clock.fastForward(30 * minuteMs);
	const { job } = await (await page.request.get(`/api/jobs/${id}`)).json();
	expect(job.status).toBe("running");
	expect((await page.request.delete(`/api/jobs/${id}`)).ok()).toBe(true);
	await page.clock.fastForward(30 * minuteMs);
	await expect(page.getByRole("heading", { name: "Developing" })).toBeVisible();
	expect(requests).toEqual([]);

	await resting(page).getByRole("button", { name: "Look again" }).click();
	await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
	await expect(resting(page)).toBeHidden();
	await expect(credits(page)).toHaveText(/20 available/);
});

for (const [name, path] of [
	["the gallery", "/gallery"],
	["the list below the form", "/plushies"],
] as const) {
	test(`${name} says that it has gone to rest, too, and then looks again`, async ({ page }) => {
		await page.clock.install();
		await enterAsGuest(page);
		const id = await makePlushie(page, "[gate]");
		await untilLooking(page);
		await page.goto(path);
		await expect(page.getByRole("article")).toContainText("Developing");
		await page.clock.fastForward(3 * minuteMs + 1_000);
		await expect(resting(page)).toBeVisible();
		await page.request.delete(`/api/jobs/${id}`);
		await resting(page).getByRole("button", { name: "Look again" }).click();
		await expect(page.getByRole("article")).toContainText("Cancelled");
		await expect(resting(page)).toBeHidden();
	});
}

/** As if the job had been submitted, and begun, so much earlier. The server finds it so when it next looks. */
function moveBack(dataFolder: string, jobId: string, byMs: number): void {
	const database = new DatabaseSync(join(dataFolder, "darkroom.db"));
	try {
		database.exec("PRAGMA busy_timeout = 5000");
		const { changes } = database
			.prepare(
				`UPDATE jobs SET created_at = created_at - ?1, run_at = run_at - ?1, started_at = started_at - ?1,
				   deadline_at = deadline_at - ?1, due_at = MIN(lease_expires_at, deadline_at - ?1) WHERE id = ?2 AND status = 'running'`,
			)
			.run(byMs, jobId);
		expect(changes).toBe(1);
	} finally {
		database.close();
	}
}

test("a generation that is not done after 5 minutes fails, says so, costs nothing, and can be tried again", async ({
	page,
	studio,
}) => {
	await enterAsGuest(page);
	const id = await makePlushie(page, "[gate]");
	await untilLooking(page);
	await expect(credits(page)).toHaveText(/19 available \(1 in use\)/);

	moveBack(studio.dataFolder, id, 3 * minuteMs);
	await page.reload();
	await expect(page.getByRole("heading", { name: "Developing" })).toBeVisible();

	moveBack(studio.dataFolder, id, 2 * minuteMs);
	await expect(page.getByRole("heading", { name: "It was not done in time" })).toBeVisible();
	await expect(
		page.getByRole("main").getByText("It was not done within 5 minutes and was stopped.", { exact: true }),
	).toBeVisible();
	// Of the money once, and of the time not at all: most of it nobody worked.
	await expect(page.getByRole("main").getByText(/charged|credit/)).toHaveText(
		"Nothing was charged: your credit is back.",
	);
	await expect(page.getByRole("term").filter({ hasText: "Took" })).toBeHidden();
	await expect(page.getByRole("listitem").filter({ hasText: "Looking closely" })).toContainText("failed");
	await expect(credits(page)).toHaveText(/20 available/);
	const { job } = await (await page.request.get(`/api/jobs/${id}`)).json();
	expect(job).toMatchObject({ status: "failed", charged: 0, error: { code: "timed_out", retryable: true } });

	await page.goto("/gallery");
	await expect(page.getByRole("article")).toContainText("It was not done within 5 minutes");
	await page.getByRole("article").getByRole("button", { name: "Retry" }).click();
	await expect(page.getByRole("article")).toContainText("Developing");
	await expect(credits(page)).toHaveText(/19 available \(1 in use\)/);
});

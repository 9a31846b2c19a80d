import { Guest } from "./guest";
import { credits, enterAsGuest, makePlushie, ready } from "./maker";
import { type Own, test } from "./own";
import { expect } from "./test";

/** The Studio whose jobs run on Inngest, as in production: every call is signed. */

async function startOnInngest(own: Own) {
	const inngest = await own.startInngest();
	const studio = await own.startStudio(inngest.env);
	await inngest.sync(studio.url);
	return { inngest, studio };
}

test("a plushie is made on Inngest: its page shows the step under way, and it is paid for once", async ({
	page,
	own,
}) => {
	const { studio } = await startOnInngest(own);
	await enterAsGuest(page, studio.url);
	await makePlushie(page, "[gate]", studio.url);
	const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
	await expect(looking).toContainText("under way");
	own.gate.open();
	await expect(ready(page)).toBeVisible();
	await expect(credits(page)).toHaveText(/19 available/);
});

test("a plushie that is cancelled on its page stops on Inngest too, and costs nothing", async ({ page, own }) => {
	const { studio } = await startOnInngest(own);
	await enterAsGuest(page, studio.url);
	await makePlushie(page, "[gate]", studio.url);
	await expect(page.getByRole("listitem").filter({ hasText: "Looking closely" })).toContainText("under way");
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
	await expect(credits(page)).toHaveText(/20 available/);
	await page.close();
	expect(await studio.end("SIGTERM")).toContain("job aborted");
});

test("an app that is killed in the middle of a job on Inngest goes on where it was: no step twice, one charge", async ({
	own,
}) => {
	const { inngest, studio } = await startOnInngest(own);
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[gate]");
	await guest.untilLooking(id);
	await studio.end("SIGKILL");
	own.gate.open();
	const next = await own.startStudio(inngest.env);
	await inngest.sync(next.url);
	guest.url = next.url;
	await expect.poll(async () => (await guest.job(id)).status).toBe("completed");
	const job = await guest.job(id);
	expect(job).toMatchObject({ attempt: 1, charged: 1 });
	expect(job.steps.map(({ attempts }) => attempts)).toEqual(job.steps.map(() => 1));
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
});

test("nobody without Inngest's signature can call a job's function", async ({ own }) => {
	const { studio } = await startOnInngest(own);
	for (const method of ["GET", "POST", "PUT"]) {
		const url = `${studio.url}/api/inngest?fnId=darkroom-studio-generate-plushie&stepId=step`;
		const answer = await fetch(url, { method, ...(method !== "GET" && { body: "{}" }) });
		expect(answer.status).toBe(401);
	}
});

test("a call that is no JSON is refused as its caller's fault, and is no error of the log", async ({ own }) => {
	const { studio } = await startOnInngest(own);
	const headers = { "content-type": "application/json" };
	const { status } = await fetch(`${studio.url}/api/inngest?fnId=x&stepId=step`, {
		method: "POST",
		headers,
		body: "{",
	});
	expect(status).toBe(400);
	expect(await studio.end("SIGTERM")).not.toContain("a call of Inngest's failed");
});

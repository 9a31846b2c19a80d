import { join } from "node:path";
import { hasPostgres, withoutPostgres } from "./database";
import { Guest } from "./guest";
import { credits, enterAsGuest, makePlushie, ready } from "./maker";
import { test } from "./own";
import { expect } from "./test";

/** Several processes of the Studio on one database and one folder of pictures. */

for (const store of ["SQLite", "Postgres"]) {
	test.describe(`a worker beside an app that only serves, on ${store}`, () => {
		test.skip(store === "Postgres" && !hasPostgres, withoutPostgres);

		test("does the work, and the page on the app shows it under way and then done", async ({ page, own }) => {
			const env = store === "Postgres" ? (await own.createDatabase()).env : {};
			const studio = await own.startStudio({ ...env, DARKROOM_CONCURRENCY: "0" });
			await own.startWorker(env);
			await enterAsGuest(page, studio.url);
			await makePlushie(page, "[gate]", studio.url);
			const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
			await expect(looking).toContainText("under way");
			own.gate.open();
			await expect(ready(page)).toBeVisible();
		});

		test("hands its job back when it is asked to stop, and the next worker goes on, on the same attempt", async ({
			own,
		}) => {
			const env = store === "Postgres" ? (await own.createDatabase()).env : {};
			const studio = await own.startStudio({ ...env, DARKROOM_CONCURRENCY: "0" });
			const first = await own.startWorker(env);
			const guest = await Guest.signIn(studio.url);
			const id = await guest.submit("[gate]");
			await guest.untilLooking(id);
			const log = await first.end("SIGTERM");
			expect(log).toContain("job handed back");
			expect(log).toContain("darkroom stopped");
			expect((await guest.job(id)).status).toBe("queued");
			own.gate.open();
			await own.startWorker(env);
			await expect.poll(async () => (await guest.job(id)).status).toBe("completed");
			expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 1 });
		});
	});
}

test("a job that its worker has handed back waits, and so does its step; one that is cancelled has not failed", async ({
	page,
	own,
}) => {
	const studio = await own.startStudio({ DARKROOM_CONCURRENCY: "0" });
	const worker = await own.startWorker();
	await enterAsGuest(page, studio.url);
	await makePlushie(page, "[gate]", studio.url);
	const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
	await expect(looking).toContainText("under way");
	await worker.end("SIGTERM");
	await expect(page.getByRole("heading", { name: "Waiting its turn" })).toBeVisible();
	await expect(looking).toContainText("to come");
	await expect(page.getByRole("list", { name: "Steps" })).not.toContainText("under way");

	await own.startWorker();
	await expect(looking).toContainText("under way");
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
	await expect(looking).toContainText("stopped");
	await expect(page.getByRole("list", { name: "Steps" })).not.toContainText("failed");
});

test.describe("processes on one Postgres whose pictures are in different folders", () => {
	test.skip(!hasPostgres, withoutPostgres);

	test("are told so at their start, with what to do, and those in one folder are not", async ({ own }) => {
		const { env } = await own.createDatabase();
		const said = "in another folder than those of the others";
		const studio = await own.startStudio({ ...env, DARKROOM_CONCURRENCY: "0" });
		const beside = await own.startWorker(env);
		expect(await beside.end("SIGTERM")).not.toContain(said);
		const astray = await own.startWorker({ ...env, DARKROOM_DATA: join(own.dataFolder, "elsewhere") });
		const log = await astray.end("SIGTERM");
		expect(log.split(said)).toHaveLength(2);
		expect(log).toContain("give it their assets folder");
		expect(await studio.end("SIGTERM")).not.toContain(said);
	});
});

test.describe("two apps on one Postgres", () => {
	test.skip(!hasPostgres, withoutPostgres);

	test("a page on one shows what the other does, of the same person, without asking for it", async ({ page, own }) => {
		const { env } = await own.createDatabase();
		const [one, other] = [await own.startStudio(env), await own.startStudio(env)];
		await enterAsGuest(page, one.url);
		// A cookie is a host's, whatever the port: the second process knows who this is.
		const beside = await page.context().newPage();
		await beside.goto(`${other.url}/plushies`);
		const asked: string[] = [];
		beside.on("request", (request) => asked.push(new URL(request.url()).pathname));
		await expect(credits(beside)).toHaveText(/20 available/);
		await makePlushie(page, "[gate]", one.url);
		await expect(credits(beside)).toHaveText(/1 in use/);
		own.gate.open();
		await expect(ready(page)).toBeVisible();
		await expect(credits(beside)).toHaveText(/19 available/);
		await page.goto(page.url().replace(one.url, other.url));
		await expect(ready(page)).toBeVisible();
		expect(asked.filter((path) => path.startsWith("/api/jobs/"))).toEqual([]);
	});

	test("one is killed in the middle of a generation: the other finishes it, and it is paid for once", async ({
		own,
	}) => {
		const { env } = await own.createDatabase();
		const [one, other] = [await own.startStudio(env), await own.startStudio(env)];
		const guest = await Guest.signIn(one.url);
		const id = await guest.submit("[gate]");
		guest.url = other.url;
		await guest.untilLooking(id);
		await one.end("SIGKILL");
		own.gate.open();
		// The dead one's lease has to run out first.
		await expect.poll(async () => (await guest.job(id)).status, { timeout: 90_000 }).toBe("completed");
		expect(await guest.job(id)).toMatchObject({ attempt: 2, charged: 1 });
		expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
	});
});

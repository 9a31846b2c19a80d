import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, hasPostgres, type TestDatabase, withoutPostgres } from "./database";
import { Guest } from "./guest";
import { enterAsGuest, makePlushie, ready } from "./maker";
import { type Env, type Studio, type StudioProcess, startStudio, startWorker } from "./studio";
import { expect, test } from "./test";

/** Several processes of the Studio on one database and one folder of pictures. */

let env: Env & { readonly DARKROOM_DATA: string };
let database: TestDatabase | undefined;
let running: StudioProcess[];

test.beforeEach(() => {
	env = { DARKROOM_DATA: mkdtempSync(join(tmpdir(), "studio-processes-")) };
	database = undefined;
	running = [];
});

test.afterEach(async ({ context }) => {
	// Before the processes, which the pages would miss.
	await Promise.all(context.pages().map((page) => page.close()));
	await Promise.all(running.map((process) => process.end("SIGKILL")));
	await database?.drop();
	rmSync(env.DARKROOM_DATA, { recursive: true, force: true });
});

async function onPostgres(): Promise<void> {
	database = await createDatabase();
	env = { ...env, DATABASE_URL: database.url };
}

async function app(more: Env = {}): Promise<Studio> {
	const studio = await startStudio({ ...env, ...more });
	running.push(studio);
	return studio;
}

async function worker(): Promise<StudioProcess> {
	const process = await startWorker(env);
	running.push(process);
	return process;
}

for (const store of ["SQLite", "Postgres"]) {
	test.describe(`a worker beside an app that only serves, on ${store}`, () => {
		test.skip(store === "Postgres" && !hasPostgres, withoutPostgres);

		test("does the work, and the page on the app shows each step of it", async ({ page }) => {
			if (store === "Postgres") await onPostgres();
			const studio = await app({ DARKROOM_CONCURRENCY: "0" });
			await worker();
			await enterAsGuest(page, studio.url);
			await makePlushie(page, "[slow:1s]", studio.url);
			const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
			await expect(looking).toContainText("under way");
			await expect(looking).toContainText("done");
			await expect(ready(page)).toBeVisible();
		});

		test("hands its job back when it is asked to stop, and the next worker goes on, on the same attempt", async () => {
			if (store === "Postgres") await onPostgres();
			const studio = await app({ DARKROOM_CONCURRENCY: "0" });
			const first = await worker();
			const guest = await Guest.signIn(studio.url);
			const id = await guest.submit("[slow:7s]");
			await guest.untilLooking(id);
			const log = await first.end("SIGTERM");
			expect(log).toContain("job handed back");
			expect(log).toContain("darkroom stopped");
			expect((await guest.job(id)).status).toBe("queued");
			await worker();
			await expect.poll(async () => (await guest.job(id)).status, { timeout: 30_000 }).toBe("completed");
			expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 1 });
		});
	});
}

test.describe("two apps on one Postgres", () => {
	test.skip(!hasPostgres, withoutPostgres);
	test.beforeEach(onPostgres);

	test("a page on one shows what the other does, of the same person, without asking for it", async ({ page }) => {
		const [one, other] = [await app(), await app()];
		await enterAsGuest(page, one.url);
		// A cookie is a host's, whatever the port: the second process knows who this is.
		const beside = await page.context().newPage();
		await beside.goto(`${other.url}/plushies`);
		const asked: string[] = [];
		beside.on("request", (request) => asked.push(new URL(request.url()).pathname));
		await expect(beside.getByRole("banner").getByRole("link", { name: /available/ })).toHaveText(/20 available/);
		await makePlushie(page, "[slow:1s]", one.url);
		await expect(beside.getByRole("banner").getByRole("link", { name: /available/ })).toHaveText(/1 in use/);
		await expect(ready(page)).toBeVisible();
		await expect(beside.getByRole("banner").getByRole("link", { name: /available/ })).toHaveText(/19 available/);
		await page.goto(page.url().replace(one.url, other.url));
		await expect(ready(page)).toBeVisible();
		expect(asked.filter((path) => path.startsWith("/api/jobs/"))).toEqual([]);
	});

	test("one is killed in the middle of a generation: the other finishes it, and it is paid for once", async () => {
		test.setTimeout(120_000);
		const [one, other] = [await app(), await app()];
		const guest = await Guest.signIn(one.url);
		const id = await guest.submit("[slow:3s]");
		guest.url = other.url;
		await guest.untilLooking(id);
		await one.end("SIGKILL");
		// The dead one's lease has to run out first.
		await expect.poll(async () => (await guest.job(id)).status, { timeout: 90_000 }).toBe("completed");
		expect(await guest.job(id)).toMatchObject({ attempt: 2, charged: 1 });
		expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
	});
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Guest } from "./guest";
import { type Studio, startStudio } from "./studio";

/** A server that stops, or is killed, while a plushie is being made, and the one that comes after it. */
let data: string;
let studio: Studio;

test.beforeEach(async () => {
	data = mkdtempSync(join(tmpdir(), "studio-stop-"));
	studio = await startStudio({ DARKROOM_DATA: data });
});

test.afterEach(async () => {
	await studio.stop();
	rmSync(data, { recursive: true, force: true });
});

test("a server that is asked to stop hands its job back, and the next one goes on at once, on the same attempt", async () => {
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[slow:20s]");
	await guest.untilLooking(id);
	const log = await studio.end("SIGTERM");
	expect(log).toContain("job handed back");
	expect(log).toContain("darkroom stopped");
	studio = await startStudio({ DARKROOM_DATA: data });
	guest.url = studio.url;
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 5_000 }).toBe("running");
	expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 0 });
});

test("a server that is killed loses nothing: the next one finishes the job, and it is paid for once", async () => {
	test.setTimeout(120_000);
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[slow:3s]");
	await guest.untilLooking(id);
	await studio.end("SIGKILL");
	studio = await startStudio({ DARKROOM_DATA: data });
	guest.url = studio.url;
	// The dead server's lease has to run out first.
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 90_000 }).toBe("completed");
	expect(await guest.job(id)).toMatchObject({ attempt: 2, charged: 1 });
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
});

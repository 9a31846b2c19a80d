import { Guest } from "./guest";
import { test } from "./own";
import { expect } from "./test";

/** A server that stops, or is killed, while a plushie is being made, and the one that comes after it. */

test("a server that is asked to stop hands its job back, and the next one goes on at once, on the same attempt", async ({
	own,
}) => {
	const studio = await own.startStudio();
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[gate]");
	await guest.untilLooking(id);
	const log = await studio.end("SIGTERM");
	expect(log).toContain("job handed back");
	expect(log).toContain("darkroom stopped");
	guest.url = (await own.startStudio()).url;
	await expect.poll(async () => (await guest.job(id)).status).toBe("running");
	expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 0 });
});

test("a server that is killed loses nothing: the next one finishes the job, and it is paid for once", async ({
	own,
}) => {
	const studio = await own.startStudio();
	const guest = await Guest.signIn(studio.url);
	const id = await guest.submit("[gate]");
	await guest.untilLooking(id);
	await studio.end("SIGKILL");
	own.gate.open();
	guest.url = (await own.startStudio()).url;
	// The dead server's lease has to run out first.
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 90_000 }).toBe("completed");
	expect(await guest.job(id)).toMatchObject({ attempt: 2, charged: 1 });
	expect(await guest.credits()).toEqual({ posted: 19, held: 0, available: 19 });
});

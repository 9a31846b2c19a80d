import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { JobSnapshot } from "darkroom";
import sharp from "sharp";
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

/** A guest, by HTTP alone: the cookie is all that is kept. */
class Guest {
	#cookie = "";

	async signIn(): Promise<void> {
		const answer = await this.ask("/api/auth/sign-in/anonymous", { method: "POST", body: "{}" });
		this.#cookie = answer.headers
			.getSetCookie()
			.map((cookie) => cookie.split(";")[0])
			.join("; ");
	}

	ask(path: string, init: RequestInit = {}): Promise<Response> {
		const headers = new Headers({ cookie: this.#cookie, origin: studio.url });
		if (typeof init.body === "string") headers.set("content-type", "application/json");
		return fetch(studio.url + path, { ...init, headers });
	}

	async submit(notes: string): Promise<string> {
		const picture = await sharp({ create: { width: 400, height: 300, channels: 3, background: "#c84" } })
			.jpeg()
			.toBuffer();
		const form = new FormData();
		form.set("file", new Blob([new Uint8Array(picture)], { type: "image/jpeg" }), "photo.jpg");
		const { asset } = await (await this.ask("/api/uploads", { method: "POST", body: form })).json();
		const body = JSON.stringify({ input: { photo: asset.id, notes } });
		const { job } = await (await this.ask("/api/jobs/generate-plushie", { method: "POST", body })).json();
		return job.id;
	}

	async job(id: string): Promise<JobSnapshot> {
		return (await (await this.ask(`/api/jobs/${id}`)).json()).job;
	}
}

async function inTheMiddle(guest: Guest): Promise<string> {
	await guest.signIn();
	const id = await guest.submit("[slow:3s]");
	const looking = (job: JobSnapshot) =>
		job.steps.some(({ name, status }) => name === "analyze-image" && status === "running");
	await expect.poll(async () => looking(await guest.job(id))).toBe(true);
	return id;
}

test("a server that is asked to stop hands its job back, and the next one goes on at once, on the same attempt", async () => {
	const guest = new Guest();
	await guest.signIn();
	const id = await guest.submit("[slow:20s]");
	await expect.poll(async () => (await guest.job(id)).steps.length).toBeGreaterThan(1);
	const log = await studio.end("SIGTERM");
	expect(log).toContain("job handed back");
	expect(log).toContain("darkroom stopped");
	studio = await startStudio({ DARKROOM_DATA: data });
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 5_000 }).toBe("running");
	expect(await guest.job(id)).toMatchObject({ attempt: 1, charged: 0 });
});

test("a server that is killed loses nothing: the next one finishes the job, and it is paid for once", async () => {
	test.setTimeout(120_000);
	const guest = new Guest();
	const id = await inTheMiddle(guest);
	await studio.end("SIGKILL");
	studio = await startStudio({ DARKROOM_DATA: data });
	// The dead server's lease has to run out first.
	await expect.poll(async () => (await guest.job(id)).status, { timeout: 90_000 }).toBe("completed");
	expect(await guest.job(id)).toMatchObject({ attempt: 2, charged: 1 });
	const credits = await (await guest.ask("/api/credits")).json();
	expect(credits).toEqual({ posted: 19, held: 0, available: 19 });
});

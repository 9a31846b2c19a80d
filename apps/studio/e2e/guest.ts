import { expect } from "@playwright/test";
import type { JobSnapshot } from "darkroom";
import sharp from "sharp";

/** A guest, by HTTP alone: the cookie is all that is kept. */
export class Guest {
	/** The Studio that is asked; another one may take its place. */
	url: string;
	#cookie = "";

	private constructor(url: string) {
		this.url = url;
	}

	static async signIn(url: string): Promise<Guest> {
		const guest = new Guest(url);
		const answer = await guest.ask("/api/auth/sign-in/anonymous", { method: "POST", body: "{}" });
		expect(answer.status).toBe(200);
		guest.#cookie = answer.headers
			.getSetCookie()
			.map((cookie) => cookie.split(";")[0])
			.join("; ");
		return guest;
	}

	/** As a browser whose answer to "who is this", kept for a minute, has run out: now the database is asked. */
	forgetAnswer(): void {
		const cookies = this.#cookie.split("; ");
		this.#cookie = cookies.filter((cookie) => cookie.includes("session_token")).join("; ");
	}

	ask(path: string, init: RequestInit = {}): Promise<Response> {
		const headers = new Headers({ cookie: this.#cookie, origin: this.url });
		if (typeof init.body === "string") headers.set("content-type", "application/json");
		return fetch(this.url + path, { ...init, headers });
	}

	/** Resolves with the id of a plushie's job. */
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

	/** Until a model is at work for this job. */
	async untilLooking(id: string): Promise<void> {
		const isLooking = ({ steps }: JobSnapshot) =>
			steps.some(({ name, status }) => name === "analyze-image" && status === "running");
		await expect.poll(async () => isLooking(await this.job(id))).toBe(true);
	}

	async credits(): Promise<unknown> {
		return (await this.ask("/api/credits")).json();
	}
}

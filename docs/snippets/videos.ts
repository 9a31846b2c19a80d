/** A vendor of videos, as its own package would be: it takes an order, and is asked from time to time whether it is done. */
export interface Videos {
	/** The order's id. The same key again is the same order. */
	create(order: { prompt: string; idempotencyKey: string }): Promise<string>;
	get(id: string, signal: AbortSignal): Promise<Video>;
	remove(id: string): Promise<void>;
}

export type Video = { status: "rendering"; percent: number } | { status: "ready"; url: string } | { status: "refused" };

const address = process.env.VIDEOS_URL ?? "https://videos.example/v1";

async function ask(path: string, init: RequestInit): Promise<Response> {
	const response = await fetch(`${address}/${path}`, init);
	if (!response.ok) throw new Error(`The vendor of videos answered ${response.status}.`);
	return response;
}

export const videos: Videos = {
	async create({ prompt, idempotencyKey }) {
		const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
		const answer = await ask("videos", { method: "POST", headers, body: JSON.stringify({ prompt }) });
		return ((await answer.json()) as { id: string }).id;
	},
	async get(id, signal) {
		const answer = await ask(`videos/${id}`, { signal });
		return (await answer.json()) as Video;
	},
	async remove(id) {
		await ask(`videos/${id}`, { method: "DELETE" });
	},
};

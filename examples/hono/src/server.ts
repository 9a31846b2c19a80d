import { serve } from "@hono/node-server";
import { generateText } from "ai";
import { createDarkroom, defineJob } from "darkroom";
import { files } from "darkroom/assets/files";
import { createHandler } from "darkroom/http";
import { sqlite } from "darkroom/sqlite";
import { Hono } from "hono";
import { z } from "zod";

const haiku = defineJob({
	kind: "write-haiku",
	input: z.object({ about: z.string().min(1).max(200) }),
	output: z.object({ text: z.string() }),
	limits: { activePerOwner: 5 },
	async run({ input, step, models, signal }) {
		const prompt = `Write a haiku about ${input.about}.`;
		const { text } = await step.run("write", async () => {
			const answer = await generateText({ model: models.prompt, prompt, abortSignal: signal });
			return { text: answer.text };
		});
		return { text };
	},
});

const data = process.env.DARKROOM_DATA ?? "./.data";
const darkroom = createDarkroom({
	jobs: [haiku],
	store: sqlite(`${data}/darkroom.db`),
	assets: files(`${data}/assets`),
});
await darkroom.start();

// Whoever asks, by your own session. This one is for a gateway that signs people in and sets the header itself.
const handle = createHandler(darkroom, { viewer: (request) => request.headers.get("x-user") });
const app = new Hono().all("/api/*", (context) => handle(context.req.raw));
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8787) }, ({ port }) =>
	console.log(`Listening on http://localhost:${port}`),
);
process.once("SIGTERM", () => darkroom.stop().then(() => server.close()));

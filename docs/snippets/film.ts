import { constant, DarkroomError, defineJob } from "darkroom";
import { z } from "zod";
import { videos } from "./videos.ts";

// #region film
export const film = defineJob({
	kind: "generate-film",
	input: z.object({ prompt: z.string().max(4_000) }),
	output: z.object({ url: z.string() }),
	timeout: "1h",
	run: async ({ input, step }) => ({
		url: await step.operation("render", {
			// Asked once. Its id is on the disk before anything is waited for.
			start: ({ idempotencyKey }) => videos.create({ prompt: input.prompt, idempotencyKey }),
			async check(id, { signal }) {
				const video = await videos.get(id, signal);
				if (video.status === "refused") throw new DarkroomError("moderated", { detail: "The video was refused." });
				if (video.status !== "ready") return { done: false, progress: video.percent };
				return { done: true, value: video.url };
			},
			// Nobody waits any more: the job was cancelled, or its time is over.
			cancel: (id) => videos.remove(id),
			every: constant("10s"),
			timeout: "30m",
		}),
	}),
});
// #endregion

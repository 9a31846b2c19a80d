import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { inngest } from "darkroom/inngest";
import { postgres } from "darkroom/postgres";
import { Inngest } from "inngest";
import { plushie } from "./plushie.ts";
import { storyImages } from "./story-images.ts";

// #region create
const client = new Inngest({ id: "my-app", isDev: process.env.NODE_ENV !== "production" });

export const darkroom = createDarkroom({
	jobs: [plushie, storyImages],
	store: postgres(process.env.DATABASE_URL ?? "postgres://localhost/app"),
	assets: files("./.data/assets"),
	engine: inngest({ client }),
});
// #endregion

import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { inngest } from "darkroom/inngest";
import { postgres } from "darkroom/postgres";
import { Inngest } from "inngest";
import { pino } from "pino";
import { plushie } from "./plushie.ts";
import { storyImages } from "./story-images.ts";

// #region create
const logger = pino();
// Anybody may call an app that says it is in development: it must be said, and never be what is left when nothing is.
const client = new Inngest({ id: "my-app", isDev: process.env.NODE_ENV === "development", logger });

export const darkroom = createDarkroom({
	logger,
	jobs: [plushie, storyImages],
	store: postgres(process.env.DATABASE_URL ?? "postgres://localhost/app"),
	assets: files("./.data/assets"),
	engine: inngest({ client }),
});
// #endregion

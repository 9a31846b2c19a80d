import { createDarkroom, embedded } from "darkroom";
import { files } from "darkroom/assets/files";
import { postgres } from "darkroom/postgres";
import { plushie } from "./plushie.ts";
import { storyImages } from "./story-images.ts";

// #region create
export const darkroom = createDarkroom({
	jobs: [plushie, storyImages],
	store: postgres(process.env.DATABASE_URL ?? "postgres://localhost/app"),
	assets: files("./.data/assets"),
	// 0 in a process that only serves; the others do the work.
	engine: embedded({ concurrency: Number(process.env.DARKROOM_CONCURRENCY ?? 50) }),
});
// #endregion

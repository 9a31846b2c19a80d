import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { sqlite } from "darkroom/sqlite";
import { plushie } from "./plushie.ts";
import { storyImages } from "./story-images.ts";

// #region create
export const darkroom = createDarkroom({
	jobs: [plushie, storyImages],
	store: sqlite("./.data/darkroom.db"),
	assets: files("./.data/assets"),
});
// #endregion

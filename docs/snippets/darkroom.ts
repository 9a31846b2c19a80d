// #region create
import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { sqlite } from "darkroom/sqlite";
import { plushie } from "./plushie.ts";

export const darkroom = createDarkroom({
	jobs: [plushie],
	store: sqlite("./.data/darkroom.db"),
	assets: files("./.data/assets"),
});
// #endregion

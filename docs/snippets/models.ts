import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { modelsFromEnvironment } from "darkroom/models";
import { sqlite } from "darkroom/sqlite";
import { plushie } from "./plushie.ts";

// #region environment
export const darkroom = createDarkroom({
	jobs: [plushie],
	store: sqlite("./.data/darkroom.db"),
	assets: files("./.data/assets"),
	models: modelsFromEnvironment(process.env),
});
// #endregion

// #region explicit
export const named = createDarkroom({
	jobs: [plushie],
	store: sqlite("./.data/darkroom.db"),
	assets: files("./.data/assets"),
	models: {
		prompt: "openai:gpt-6-luna",
		image: "google:gemini-nano-banana-2.1",
		vision: "openai:gpt-6-luna",
	},
});
// #endregion

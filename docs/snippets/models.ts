import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { createModels } from "darkroom/models";
import { sqlite } from "darkroom/sqlite";
import { plushie } from "./plushie.ts";

// #region models
export const darkroom = createDarkroom({
	jobs: [plushie],
	store: sqlite("./.data/darkroom.db"),
	assets: files("./.data/assets"),
	models: createModels({
		prompt: "openai:gpt-5-mini",
		image: "google:gemini-2.5-flash-image",
		vision: "openai:gpt-5-mini",
	}),
});
// #endregion

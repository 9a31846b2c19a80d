import { createDarkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { createModels, modelsFromEnvironment } from "darkroom/models";
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
const { OPENAI_API_KEY = "", GOOGLE_GENERATIVE_AI_API_KEY = "" } = process.env;

export const models = createModels({
	prompt: "openai:gpt-6-luna",
	image: "google:gemini-nano-banana-2.1",
	vision: "openai:gpt-6-luna",
	openai: { apiKey: OPENAI_API_KEY },
	google: { apiKey: GOOGLE_GENERATIVE_AI_API_KEY },
});
// #endregion

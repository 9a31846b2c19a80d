import type { ImageModelV4, LanguageModelV4 } from "@ai-sdk/provider";

interface Lazy<Model> {
	readonly provider: string;
	readonly modelId: string;
	readonly load: () => Promise<Model>;
}

/** A language model that is loaded with its first call, so that configuring it costs nothing and loads no vendor. */
export function lazyLanguageModel({ provider, modelId, load }: Lazy<LanguageModelV4>): LanguageModelV4 {
	const loaded = once(load);
	return {
		specificationVersion: "v4",
		provider,
		modelId,
		get supportedUrls() {
			return loaded().then((model) => model.supportedUrls);
		},
		doGenerate: async (options) => (await loaded()).doGenerate(options),
		doStream: async (options) => (await loaded()).doStream(options),
	};
}

/** The same for a model that draws. */
export function lazyImageModel({ provider, modelId, load }: Lazy<ImageModelV4>): ImageModelV4 {
	const loaded = once(load);
	return {
		specificationVersion: "v4",
		provider,
		modelId,
		maxImagesPerCall: async () => {
			const { maxImagesPerCall } = await loaded();
			return typeof maxImagesPerCall === "function" ? maxImagesPerCall({ modelId }) : maxImagesPerCall;
		},
		get supportsFileInputs() {
			return loaded().then((model) => model.supportsFileInputs);
		},
		get supportsMaskInputs() {
			return loaded().then((model) => model.supportsMaskInputs);
		},
		doGenerate: async (options) => (await loaded()).doGenerate(options),
	};
}

/** A load that failed is tried again by the next call: what was missing may be there by then. */
function once<Model>(load: () => Promise<Model>): () => Promise<Model> {
	let loading: Promise<Model> | undefined;
	return () => {
		loading ??= load().catch((error) => {
			loading = undefined;
			throw error;
		});
		return loading;
	};
}

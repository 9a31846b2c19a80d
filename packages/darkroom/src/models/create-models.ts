import type { ImageModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { DarkroomError } from "../core/errors.ts";
import { bindImageModel, bindLanguageModel } from "./bind.ts";
import { type Choice, chooseDefault, parseChoice, type SettingNames } from "./choose-models.ts";
import { classify } from "./failure.ts";
import { createCallNames } from "./idempotency.ts";
import { lazyImageModel, lazyLanguageModel } from "./lazy-model.ts";
import type { ModelDescription, Models, Role } from "./models.ts";
import { createPlaceholderImageModel } from "./placeholder/image-model.ts";
import { createPlaceholderLanguageModel } from "./placeholder/language-model.ts";
import { createObey, type Obey } from "./placeholder/obey.ts";
import { type Fetch, loadVendor, type OpenAISettings, type VendorName, type VendorSettings } from "./vendors.ts";

/** All optional: with nothing, placeholder models serve every role. */
export interface ModelsConfig {
	/** Who writes: `"openai:gpt-6-luna"`, a model of the AI SDK, or `"placeholder"`. Default: by the keys given. */
	readonly prompt?: string | LanguageModelV4 | undefined;
	/** Who draws. */
	readonly image?: string | ImageModelV4 | undefined;
	/** Who looks at photos. */
	readonly vision?: string | LanguageModelV4 | undefined;
	readonly openai?: OpenAISettings | undefined;
	readonly google?: VendorSettings | undefined;
	readonly kie?: VendorSettings | undefined;
	/**
	 * `delayMs`: how long a placeholder takes for a call. Default 0. `gate`: the path of a file; a prompt with `[gate]` is
	 * answered once it is there. Default: at once.
	 */
	readonly placeholder?: { readonly delayMs?: number; readonly gate?: string | undefined } | undefined;
	/** For everything sent to the vendors named above. Default: the global one. */
	readonly fetch?: Fetch | undefined;
}

/** What the roles are called where they are options. */
export const ownRoles: SettingNames["roles"] = {
	prompt: "The model `prompt`",
	image: "The model `image`",
	vision: "The model `vision`",
};

const ownNames: SettingNames = {
	roles: ownRoles,
	keys: { openai: "`openai.apiKey`", google: "`google.apiKey`", kie: "`kie.apiKey`" },
};

/**
 * The models of an app. Nothing is loaded or sent before the first call.
 * @throws `misconfigured` for a role that is not `vendor:model`, names an unknown vendor, or one without a key
 */
export function createModels(config: ModelsConfig = {}): Models {
	return resolveModels(config, ownNames);
}

/** The same for settings that come from elsewhere: errors call them by the names they have there. */
export function resolveModels(config: ModelsConfig, names: SettingNames): Models {
	const hasKey = (vendor: VendorName) => Boolean(config[vendor]?.apiKey);
	const obey = createObey(config.placeholder?.delayMs ?? 0, config.placeholder?.gate);
	const choose = (role: Role): Choice | LanguageModelV4 | ImageModelV4 => {
		const given = config[role];
		if (typeof given === "object" && given !== null && typeof given.doGenerate === "function") return given;
		if (given && typeof given !== "string") throw noModel(names.roles[role]);
		return given ? parseChoice(role, given, hasKey, names) : chooseDefault(role, hasKey);
	};
	const chosen = { prompt: choose("prompt"), image: choose("image"), vision: choose("vision") };
	const models = {
		prompt: languageModel(chosen.prompt, config, obey),
		image: imageModel(chosen.image, config, obey),
		vision: languageModel(chosen.vision, config, obey),
	};
	const descriptions = {
		prompt: describe(chosen.prompt),
		image: describe(chosen.image),
		vision: describe(chosen.vision),
	};
	const callNames = createCallNames();
	const secrets = [config.openai, config.google, config.kie].flatMap((settings) => settings?.apiKey ?? []);

	return {
		describe: () => descriptions,
		bind(call) {
			const binding = { call, names: callNames, secrets };
			return {
				prompt: bindLanguageModel(models.prompt, binding),
				image: bindImageModel(models.image, binding),
				vision: bindLanguageModel(models.vision, binding),
			};
		},
		classify,
	};
}

function noModel(setting: string): DarkroomError {
	return new DarkroomError("misconfigured", {
		detail: `${setting} is neither a name nor a model of the AI SDK. Write vendor:model, such as openai:gpt-6-luna, or give what a provider's own function made, such as openai("gpt-6-luna").`,
	});
}

type Chosen = Choice | LanguageModelV4 | ImageModelV4;

function isInstance(chosen: Chosen): chosen is LanguageModelV4 | ImageModelV4 {
	return "doGenerate" in chosen;
}

function describe(chosen: Chosen): ModelDescription {
	if (!isInstance(chosen)) {
		return { provider: chosen.provider, model: chosen.model, isPlaceholder: chosen.provider === "placeholder" };
	}
	const provider = chosen.provider.split(".")[0] as string;
	return { provider, model: chosen.modelId, isPlaceholder: provider === "placeholder" };
}

function languageModel(chosen: Chosen, config: ModelsConfig, obey: Obey): LanguageModelV4 {
	if (isInstance(chosen)) return chosen as LanguageModelV4;
	const { provider, model: modelId } = chosen;
	if (provider === "placeholder") return createPlaceholderLanguageModel(modelId, obey);
	const load = async () => (await loadVendor(provider, request(provider, modelId, config))).languageModel(modelId);
	return lazyLanguageModel({ provider, modelId, load });
}

function imageModel(chosen: Chosen, config: ModelsConfig, obey: Obey): ImageModelV4 {
	if (isInstance(chosen)) return chosen as ImageModelV4;
	const { provider, model: modelId } = chosen;
	if (provider === "placeholder") return createPlaceholderImageModel(obey);
	const load = async () => (await loadVendor(provider, request(provider, modelId, config))).imageModel(modelId);
	return lazyImageModel({ provider, modelId, load });
}

function request(vendor: VendorName, modelId: string, config: ModelsConfig) {
	return { modelId, settings: config[vendor] as OpenAISettings, fetch: config.fetch };
}

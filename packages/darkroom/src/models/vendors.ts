import type { ImageModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { DarkroomError } from "../core/errors.ts";

/** The vendors that a role can name; any other is reached by giving a model of the AI SDK itself. */
export const vendorNames = ["openai", "google", "kie"] as const;
export type VendorName = (typeof vendorNames)[number];

export interface VendorSettings {
	readonly apiKey: string;
	/**
	 * Where its API is, without a slash at the end. Default: the vendor's own. For `kie`, `{model}` in it stands for
	 * the model's name: KIE serves each model at an address of its own.
	 */
	readonly baseURL?: string | undefined;
}

export interface OpenAISettings extends VendorSettings {
	/** The organization that is billed. Default: the key's own. */
	readonly organization?: string | undefined;
}

/** What `fetch` is, for those who put something before it. */
export type Fetch = typeof globalThis.fetch;

interface Provider {
	languageModel(modelId: string): LanguageModelV4;
	imageModel(modelId: string): ImageModelV4;
}

export interface VendorRequest {
	readonly modelId: string;
	readonly settings: OpenAISettings;
	readonly fetch: Fetch | undefined;
}

const kieBaseURL = "https://api.kie.ai/{model}/v1";

/**
 * The vendor's provider from the AI SDK. Its package is loaded now and not before: an app installs those it uses.
 * @throws `misconfigured` naming the package when it is not installed
 */
export async function loadVendor(name: VendorName, { modelId, settings, fetch }: VendorRequest): Promise<Provider> {
	const options = {
		apiKey: settings.apiKey,
		...(settings.baseURL ? { baseURL: settings.baseURL } : {}),
		...(fetch ? { fetch } : {}),
	};
	switch (name) {
		case "openai": {
			const { createOpenAI } = await installed("@ai-sdk/openai", import("@ai-sdk/openai"));
			return createOpenAI({ ...options, ...(settings.organization ? { organization: settings.organization } : {}) });
		}
		case "google": {
			const { createGoogle } = await installed("@ai-sdk/google", import("@ai-sdk/google"));
			return createGoogle(options);
		}
		case "kie": {
			const { createOpenAICompatible } = await installed(
				"@ai-sdk/openai-compatible",
				import("@ai-sdk/openai-compatible"),
			);
			const baseURL = (settings.baseURL ?? kieBaseURL).replaceAll("{model}", encodeURIComponent(modelId));
			return createOpenAICompatible({ ...options, baseURL, name: "kie", supportsStructuredOutputs: true });
		}
	}
}

/** @throws `misconfigured` when the package cannot be loaded */
export async function installed<Module>(packageName: string, loading: Promise<Module>): Promise<Module> {
	try {
		return await loading;
	} catch (cause) {
		throw new DarkroomError("misconfigured", {
			detail: `A model needs the package "${packageName}", which cannot be loaded. Install it: npm install ${packageName}`,
			cause,
		});
	}
}

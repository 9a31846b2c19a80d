import { DarkroomError } from "../core/errors.ts";
import type { SettingNames } from "./choose-models.ts";
import { type ModelsConfig, resolveModels } from "./create-models.ts";
import type { Models } from "./models.ts";
import type { Fetch, VendorName } from "./vendors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** How long a placeholder takes for a call when `PLACEHOLDER_DELAY_MS` is not set: long enough to watch. */
const defaultDelayMs = 1_200;

/** The variable that holds each vendor's key. */
export const keyVariables: SettingNames["keys"] = {
	openai: "OPENAI_API_KEY",
	google: "GOOGLE_GENERATIVE_AI_API_KEY",
	kie: "KIE_API_KEY",
};

const variables: SettingNames = {
	roles: { prompt: "PROMPT_MODEL", image: "IMAGE_MODEL", vision: "VISION_MODEL" },
	keys: keyVariables,
};

/**
 * The models that environment variables name: `PROMPT_MODEL` `IMAGE_MODEL` `VISION_MODEL` as `vendor:model`,
 * `OPENAI_API_KEY` `OPENAI_ORG_ID` `OPENAI_BASE_URL`, `GOOGLE_GENERATIVE_AI_API_KEY`, `KIE_API_KEY` `KIE_BASE_URL`,
 * `PLACEHOLDER_DELAY_MS` (default 1,200), `PLACEHOLDER_GATE` (default none). One that is empty counts as not set. With no
 * key: placeholder models.
 * @throws `misconfigured` naming the variable and what to write
 */
export function modelsFromEnvironment(env: Environment, options: { readonly fetch?: Fetch } = {}): Models {
	const read = (name: string) => env[name]?.trim() || undefined;
	return resolveModels(
		{
			prompt: read("PROMPT_MODEL"),
			image: read("IMAGE_MODEL"),
			vision: read("VISION_MODEL"),
			...vendorsFromEnvironment(env),
			placeholder: { delayMs: readDelay(read("PLACEHOLDER_DELAY_MS")), gate: read("PLACEHOLDER_GATE") },
			fetch: options.fetch,
		},
		variables,
	);
}

/**
 * The vendors whose keys the environment holds, with their other variables.
 * @throws `misconfigured` for an address that is none
 */
export function vendorsFromEnvironment(env: Environment): Pick<ModelsConfig, VendorName> {
	const read = (name: string) => env[name]?.trim() || undefined;
	const openaiKey = read("OPENAI_API_KEY");
	const googleKey = read("GOOGLE_GENERATIVE_AI_API_KEY");
	const kieKey = read("KIE_API_KEY");
	const openaiURL = readURL(env, "OPENAI_BASE_URL", "https://api.openai.com/v1");
	const kieURL = readURL(env, "KIE_BASE_URL", "https://api.kie.ai/{model}/v1");
	return {
		openai: openaiKey ? { apiKey: openaiKey, organization: read("OPENAI_ORG_ID"), baseURL: openaiURL } : undefined,
		google: googleKey ? { apiKey: googleKey } : undefined,
		kie: kieKey ? { apiKey: kieKey, baseURL: kieURL } : undefined,
	};
}

function readURL(env: Environment, name: string, example: string): string | undefined {
	const value = env[name]?.trim();
	if (!value) return undefined;
	if (/^https?:\/\//.test(value) && URL.canParse(value)) return value.replace(/\/+$/, "");
	throw new DarkroomError("misconfigured", {
		detail: `${name} is not a web address. Write one such as ${example}, or take it out for the vendor's own.`,
	});
}

function readDelay(value: string | undefined): number {
	if (value === undefined) return defaultDelayMs;
	if (/^\d{1,6}$/.test(value)) return Number(value);
	throw new DarkroomError("misconfigured", {
		detail: `PLACEHOLDER_DELAY_MS is "${value.slice(0, 20)}". Write whole milliseconds from 0 to 999999, such as 1200.`,
	});
}

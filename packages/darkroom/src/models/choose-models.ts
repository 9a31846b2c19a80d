import { DarkroomError } from "../core/errors.ts";
import type { Role } from "./models.ts";
import { type VendorName, vendorNames } from "./vendors.ts";

/** What serves a role: a vendor's model by name, or the placeholder. */
export type Choice =
	| { readonly provider: VendorName; readonly model: string }
	| { readonly provider: "placeholder"; readonly model: string };

/** What the reader calls each setting, so that an error names what they can change. */
export interface SettingNames {
	readonly roles: Readonly<Record<Role, string>>;
	readonly keys: Readonly<Record<VendorName, string>>;
}

/**
 * The one place where a role becomes a vendor's model. These serve a role that names nothing, when the vendor's key
 * is there; vendors are asked in the order of this table. KIE has no picture model here: it draws through tasks of
 * its own and not through the OpenAI-compatible API, so pictures stay with another vendor or the placeholder.
 */
const defaultModels: Readonly<Record<VendorName, Readonly<Partial<Record<Role, string>>>>> = {
	openai: { prompt: "gpt-6-luna", image: "gpt-image-2.6-flare", vision: "gpt-6-luna" },
	google: { prompt: "gemini-3.8-flash", image: "gemini-nano-banana-2.1", vision: "gemini-3.8-flash" },
	kie: { prompt: "gemini-3-flash", vision: "gemini-3-flash" },
};

export const placeholderModels: Readonly<Record<Role, string>> = {
	prompt: "placeholder-writer",
	image: "placeholder-image",
	vision: "placeholder-vision",
};

/** What serves a role that names nothing: a vendor whose key is there, or the placeholder. */
export function chooseDefault(role: Role, hasKey: (vendor: VendorName) => boolean): Choice {
	for (const provider of vendorNames) {
		const model = defaultModels[provider][role];
		if (model && hasKey(provider)) return { provider, model };
	}
	return { provider: "placeholder", model: placeholderModels[role] };
}

/**
 * What `vendor:model` names; `placeholder` names the placeholder.
 * @throws `misconfigured` for another form, an unknown vendor, or one whose key is missing
 */
export function parseChoice(
	role: Role,
	value: string,
	hasKey: (vendor: VendorName) => boolean,
	names: SettingNames,
): Choice {
	const [, provider = "", model = ""] = /^([^:\s]+)(?::(\S+))?$/.exec(value.trim()) ?? [];
	if (provider === "placeholder") return { provider, model: placeholderModels[role] };
	const known = vendorNames.find((name) => name === provider);
	const setting = names.roles[role];
	if (!known || !model) {
		const example = defaultModels[known ?? "openai"][role] ?? "name-of-the-model";
		throw new DarkroomError("misconfigured", {
			detail: `${setting} is "${shown(value)}". Write vendor:model with one of ${vendorNames.join(", ")}, such as ${known ?? "openai"}:${example}, or "placeholder".`,
		});
	}
	if (!hasKey(known)) {
		throw new DarkroomError("misconfigured", {
			detail: `${setting} is "${shown(value)}", but ${names.keys[known]} is not set. Set it to your ${known} key, or take ${setting} out.`,
		});
	}
	return { provider: known, model };
}

/** Enough of a wrong value to recognise it, and not the whole of a key that was pasted into the wrong line. */
function shown(value: string): string {
	return value.length > 60 ? `${value.slice(0, 8)}…` : value;
}

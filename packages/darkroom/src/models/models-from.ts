import { DarkroomError } from "../core/errors.ts";
import { createModels, type ModelsConfig, ownRoles, resolveModels } from "./create-models.ts";
import { type Environment, keyVariables, vendorsFromEnvironment } from "./from-environment.ts";
import type { Models } from "./models.ts";

/** Every setting of a `ModelsConfig`; the compiler sees to it that none is missing. */
const settings: Readonly<Record<keyof ModelsConfig, true>> = {
	prompt: true,
	image: true,
	vision: true,
	openai: true,
	google: true,
	kie: true,
	placeholder: true,
	fetch: true,
};

/**
 * What `createDarkroom` takes as its models: some that are made already, or what to make them of. A key that is not
 * given is taken from its variable in `env`, as the vendors' own SDKs do. Nothing at all: placeholder models, whatever
 * keys there are, so that nothing is paid for that nobody asked for.
 * @throws `misconfigured` for any other shape, and as `createModels`
 */
export function modelsFrom(given: Models | ModelsConfig | undefined, env: Environment): Models {
	if (given === undefined) return createModels();
	if (isModels(given)) return given;
	if (typeof given !== "object" || given === null || Array.isArray(given)) {
		throw misconfigured('`models` must be an object, such as { image: "openai:gpt-image-2.6-flare" }.');
	}
	const unknown = Object.keys(given).find((name) => !Object.hasOwn(settings, name));
	if (unknown !== undefined) {
		throw misconfigured(`\`models.${unknown}\` is no setting of models. Known: ${Object.keys(settings).join(", ")}.`);
	}
	return resolveModels({ ...vendorsFromEnvironment(env), ...given }, { roles: ownRoles, keys: keyVariables });
}

function isModels(given: Models | ModelsConfig): given is Models {
	const { bind, classify, describe } = (given ?? {}) as Partial<Models>;
	return typeof bind === "function" && typeof classify === "function" && typeof describe === "function";
}

function misconfigured(detail: string): DarkroomError {
	return new DarkroomError("misconfigured", { detail });
}

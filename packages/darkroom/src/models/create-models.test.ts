import { generateImage, generateText, NoSuchModelError } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isDarkroomError } from "../core/errors.ts";
import { startVendorServer, type VendorServer } from "../testing/vendor-server.ts";
import { createModels } from "./create-models.ts";
import { modelsFromEnvironment } from "./from-environment.ts";
import { createPlaceholderLanguageModel } from "./placeholder/language-model.ts";
import { createObey } from "./placeholder/obey.ts";
import { installed } from "./vendors.ts";

const call = () => ({ signal: new AbortController().signal, idempotencyKey: "job1:step" });

function refusalOf(make: () => unknown): string {
	try {
		make();
	} catch (error) {
		if (isDarkroomError(error, "misconfigured")) return error.detail;
		throw error;
	}
	throw new Error("nothing was refused");
}

describe("what serves a role", () => {
	test("is the placeholder when there is no key at all", () => {
		for (const models of [createModels(), modelsFromEnvironment({}), modelsFromEnvironment({ OPENAI_API_KEY: " " })]) {
			for (const model of Object.values(models.describe())) {
				expect(model).toMatchObject({ provider: "placeholder", isPlaceholder: true });
			}
		}
	});

	test("is a model of the vendor whose key is there when the role names none", () => {
		const { prompt, image, vision } = modelsFromEnvironment({
			GOOGLE_GENERATIVE_AI_API_KEY: "k".repeat(20),
		}).describe();
		expect([prompt, image, vision].map((model) => model.provider)).toEqual(["google", "google", "google"]);
		expect(image.model).not.toBe(prompt.model);
		expect(image.isPlaceholder).toBe(false);
	});

	test("is the placeholder for pictures when only KIE's key is there, for KIE draws through an API of its own", () => {
		const { prompt, image } = modelsFromEnvironment({ KIE_API_KEY: "k".repeat(20) }).describe();
		expect(prompt.provider).toBe("kie");
		expect(image.isPlaceholder).toBe(true);
	});

	test("is what the role names, with another vendor's key beside it", () => {
		const models = modelsFromEnvironment({
			OPENAI_API_KEY: "a".repeat(20),
			KIE_API_KEY: "b".repeat(20),
			PROMPT_MODEL: "kie:some-model:latest",
			VISION_MODEL: "placeholder",
		}).describe();
		expect(models.prompt).toEqual({ provider: "kie", model: "some-model:latest", isPlaceholder: false });
		expect(models.vision.isPlaceholder).toBe(true);
		expect(models.image.provider).toBe("openai");
	});

	test("is a model of the AI SDK that was given as it is", async () => {
		const own = { ...createPlaceholderLanguageModel("own", createObey(0)), provider: "acme.chat" };
		const models = createModels({ prompt: own });
		expect(models.describe().prompt).toEqual({ provider: "acme", model: "own", isPlaceholder: false });
		const bound = models.bind(call).prompt;
		expect(bound).toMatchObject({ specificationVersion: "v4", provider: "acme.chat", modelId: "own" });
		const { text } = await generateText({ model: bound, prompt: "Hero: Pip" });
		expect(text).toContain("Pip");
	});
});

describe("a wrong setting is refused with a sentence that names it", () => {
	test.each([
		["PROMPT_MODEL", { PROMPT_MODEL: "gpt-6-luna", OPENAI_API_KEY: "a".repeat(20) }, "openai:gpt-6-luna"],
		["IMAGE_MODEL", { IMAGE_MODEL: "openai:", OPENAI_API_KEY: "a".repeat(20) }, "openai:gpt-image"],
		["VISION_MODEL", { VISION_MODEL: "acme:eye" }, "openai, google, kie"],
		["OPENAI_API_KEY", { PROMPT_MODEL: "openai:gpt-6-luna" }, "PROMPT_MODEL"],
		["GOOGLE_GENERATIVE_AI_API_KEY", { IMAGE_MODEL: "google:gemini", OPENAI_API_KEY: "a".repeat(20) }, "IMAGE_MODEL"],
		["KIE_API_KEY", { VISION_MODEL: "kie:gemini" }, "VISION_MODEL"],
		["KIE_BASE_URL", { KIE_BASE_URL: "api.kie.ai" }, "https://api.kie.ai/{model}/v1"],
		["OPENAI_BASE_URL", { OPENAI_BASE_URL: "https://" }, "https://api.openai.com/v1"],
		["PLACEHOLDER_DELAY_MS", { PLACEHOLDER_DELAY_MS: "1.2s" }, "1200"],
	])("%s", (name, env, advice) => {
		const sentence = refusalOf(() => modelsFromEnvironment(env));
		expect(sentence).toContain(name);
		expect(sentence).toContain(advice);
	});

	test("without repeating a key that was pasted into the wrong line", () => {
		const key = `sk-proj-${"x".repeat(100)}`;
		expect(refusalOf(() => modelsFromEnvironment({ PROMPT_MODEL: key }))).not.toContain(key);
	});

	test("by the name of the option, when it was an option", () => {
		expect(refusalOf(() => createModels({ image: "openai:gpt-image-1" }))).toContain("`openai.apiKey`");
	});

	test("a vendor's package that is not installed is named, with the command that installs it", async () => {
		const missing = Promise.reject(new Error("Cannot find package"));
		await expect(installed("@ai-sdk/openai", missing)).rejects.toMatchObject({
			code: "misconfigured",
			detail: expect.stringContaining("npm install @ai-sdk/openai"),
		});
	});
});

describe("a call", () => {
	let server: VendorServer;
	beforeAll(async () => {
		server = await startVendorServer();
	});
	afterAll(() => server.close());

	function fromEnvironment(env: Record<string, string>) {
		const models = modelsFromEnvironment({
			OPENAI_API_KEY: "sk-0123456789abcdef",
			OPENAI_BASE_URL: `${server.baseURLs.openai}/`,
			OPENAI_ORG_ID: "org-42",
			...env,
		});
		return models.bind(call);
	}

	test("goes to the base address and names the organization", async () => {
		await generateText({ model: fromEnvironment({}).prompt, prompt: "hello" });
		expect(server.requests.at(-1)?.path).toBe("/v1/responses");
		expect(server.requests.at(-1)?.headers["openai-organization"]).toBe("org-42");
	});

	test("to KIE goes to the model's own address", async () => {
		const models = fromEnvironment({
			KIE_API_KEY: "kie-0123456789",
			KIE_BASE_URL: server.baseURLs.kie,
			PROMPT_MODEL: "kie:gemini-3-flash",
		});
		await generateText({ model: models.prompt, prompt: "hello" });
		expect(server.requests.at(-1)?.path).toBe("/kie/gemini-3-flash/v1/chat/completions");
	});

	test("passes through what the vendor's model can do", async () => {
		const { image } = fromEnvironment({});
		const { maxImagesPerCall, modelId } = image;
		expect(typeof maxImagesPerCall === "function" && (await maxImagesPerCall({ modelId }))).toBe(10);
		expect(await image.supportsFileInputs).toBe(true);
	});

	test("for several pictures that the vendor makes one by one carries a different key each", async () => {
		const models = createModels({
			image: "google:gemini-nano-banana-2.1",
			google: { apiKey: "g-0123456789", baseURL: server.baseURLs.google },
		});
		const before = server.requests.length;
		const { images } = await generateImage({ model: models.bind(call).image, prompt: "hello", n: 3 });
		expect(images).toHaveLength(3);
		const keys = server.requests.slice(before).map((request) => request.headers["idempotency-key"]);
		expect(new Set(keys).size).toBe(3);
	});

	test("that is tried again carries the same key, and another question of the step a different one", async () => {
		const { prompt } = fromEnvironment({});
		for (const words of ["hello", "hello", "goodbye"]) await generateText({ model: prompt, prompt: words });
		const [first, again, other] = server.requests.slice(-3).map((request) => request.headers["idempotency-key"]);
		expect(again).toBe(first);
		expect(other).not.toBe(first);
	});

	test("with the vendor's own error class is classified by its name", () => {
		const error = new NoSuchModelError({ modelId: "gone", modelType: "languageModel" });
		expect(createModels().classify(error)).toMatchObject({ code: "misconfigured", cause: error });
	});
});

import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { silentLogger } from "./core/logger.ts";
import { createDarkroom, type DarkroomOptions } from "./create-darkroom.ts";
import { defineJob } from "./engine/define-job.ts";
import { createModels } from "./models/create-models.ts";
import { createPlaceholderLanguageModel } from "./models/placeholder/language-model.ts";
import { createObey } from "./models/placeholder/obey.ts";
import { sqlite } from "./store/sqlite/index.ts";

const draw = defineJob({ kind: "draw", input: z.string(), output: z.string(), run: async ({ input }) => input });

// Nothing is opened before the start, so no file comes of this.
const right = () => ({ jobs: [draw], store: sqlite("./never-opened.db") });

/** With what TypeScript would refuse. */
const create = (options: object) => createDarkroom({ ...right(), ...options } as DarkroomOptions);

function refusalOf(options: object): string {
	try {
		create(options);
	} catch (error) {
		expect(error).toMatchObject({ name: "DarkroomError", code: "misconfigured" });
		return (error as Error).message;
	}
	throw new Error("nothing was refused");
}

afterEach(() => vi.unstubAllEnvs());

describe("the models of a Darkroom", () => {
	test("may be named by role, with the key from the vendor's own variable", () => {
		vi.stubEnv("OPENAI_API_KEY", "k".repeat(20));
		const { models } = create({ models: { image: "openai:gpt-image-1" } });
		expect(models.image).toEqual({ provider: "openai", model: "gpt-image-1", isPlaceholder: false });
	});

	test("may be named with the key beside them, may be a model of the AI SDK, and may be made already", () => {
		const openai = { apiKey: "k".repeat(20) };
		expect(create({ models: { image: "openai:own", openai } }).models.image.model).toBe("own");
		const own = { ...createPlaceholderLanguageModel("own", createObey(0)), provider: "acme.chat" };
		expect(create({ models: { prompt: own } }).models.prompt.provider).toBe("acme");
		expect(create({ models: createModels({ prompt: own }) }).models.prompt.provider).toBe("acme");
	});

	test("are placeholders where none are named, whatever keys the environment holds", () => {
		vi.stubEnv("OPENAI_API_KEY", "k".repeat(20));
		for (const model of Object.values(create({}).models)) expect(model.isPlaceholder).toBe(true);
	});

	test.each([
		["a vendor without its key", { image: "openai:gpt-image-1" }, "OPENAI_API_KEY"],
		["a name without its vendor", { image: "gpt-image-1" }, "Write vendor:model"],
		["an unknown role", { picture: "openai:gpt-image-1" }, "models.picture"],
		["a vendor's provider in place of its model", { prompt: () => {} }, "The model `prompt`"],
		["a number", { prompt: 7 }, "The model `prompt`"],
		["an object that is no model", { prompt: { modelId: "x" } }, "The model `prompt`"],
		["one name for all", "openai:gpt-image-1", "`models` must be an object"],
		["nothing", null, "`models` must be an object"],
	])("are refused at creation when they are %s", (_, models, words) => {
		vi.stubEnv("OPENAI_API_KEY", "");
		expect(refusalOf({ models })).toContain(words);
	});
});

describe("an option that is wrong is refused at creation, by its name", () => {
	test.each([
		["jobs", { jobs: draw }],
		["jobs[1]", { jobs: [draw, { kind: "spec", run: async () => {} }] }],
		["jobs[0]", { jobs: [undefined] }],
		["store", { store: undefined }],
		["store", { store: "postgres://ada:secret@db/app" }],
		["assets", { assets: "./.data/assets" }],
		["engine", { engine: "embedded" }],
		["engine.concurrency", { engine: { concurrency: -1 } }],
		["engine.lease", { engine: { lease: "half a minute" } }],
		["engine.sweepEvery", { engine: { sweepEvery: 0 } }],
		["engine.concurency", { engine: { concurency: 5 } }],
		["images", { images: {} }],
		["logger", { logger: { info: () => {} } }],
		["clock", { clock: Date }],
		["uploadLimitBytes", { uploadLimitBytes: "10 MB" }],
		["uploadMinSidePixels", { uploadMinSidePixels: 0.5 }],
		["uploadLimit", { uploadLimit: 5 }],
	])("%s", (name, options) => {
		const sentence = refusalOf(options);
		expect(sentence).toContain(`\`${name}\``);
		expect(sentence).not.toContain("secret");
	});

	test("while what is left out or undefined has its default", () => {
		const options = { engine: {}, logger: silentLogger, assets: undefined, uploadLimitBytes: undefined };
		expect(create(options).uploadLimitBytes).toBe(10 * 1024 * 1024);
		expect(create(options).uploadMinSidePixels).toBe(1);
		expect(create({ uploadMinSidePixels: 32 }).uploadMinSidePixels).toBe(32);
	});
});

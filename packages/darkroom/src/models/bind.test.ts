import { generateImage, generateText, Output } from "ai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ErrorCode, isDarkroomError } from "../core/errors.ts";
import type { Behaviour, Wire } from "../testing/vendor-answers.ts";
import { startVendorServer, type VendorServer } from "../testing/vendor-server.ts";
import { createModels } from "./create-models.ts";
import type { Models } from "./models.ts";

const key = "sk-secret-0123456789abcdef";
const prompt = "a rabbit who keeps a private thought";
const wires: readonly Wire[] = ["openai", "google", "kie"];
const named: Record<Wire, { text: string; image: string }> = {
	openai: { text: "openai:gpt-6-luna", image: "openai:gpt-image-2.6-flare" },
	google: { text: "google:gemini-3.8-flash", image: "google:gemini-nano-banana-2.1" },
	kie: { text: "kie:gemini-3-flash", image: "kie:some-image-model" },
};

let server: VendorServer;

beforeAll(async () => {
	server = await startVendorServer();
});
afterAll(() => server.close());
afterEach(() => server.behave());

function modelsOf(wire: Wire): Models {
	const settings = { apiKey: key, baseURL: server.baseURLs[wire] };
	return createModels({
		prompt: named[wire].text,
		vision: named[wire].text,
		image: named[wire].image,
		[wire]: wire === "openai" ? { ...settings, organization: "org-1" } : settings,
	});
}

function bound(wire: Wire, options: { signal?: AbortSignal; stepKey?: string } = {}) {
	const { signal = new AbortController().signal, stepKey = "job1:draw" } = options;
	return modelsOf(wire).bind(() => ({ signal, idempotencyKey: stepKey }));
}

/** Every way in which jobs call a model, each one call. */
const calls = {
	text: (models) => generateText({ model: models.prompt, prompt }),
	structured: (models) =>
		generateText({
			model: models.vision,
			prompt,
			output: Output.object({ schema: z.object({ subject: z.enum(["person", "pet"]), tags: z.array(z.string()) }) }),
		}).then((result) => result.output),
	picture: (models) => generateImage({ model: models.image, prompt }),
	edit: (models) => generateImage({ model: models.image, prompt: { text: prompt, images: [photo] } }),
} satisfies Record<string, (models: ReturnType<typeof bound>) => Promise<unknown>>;
type CallName = keyof typeof calls;
const callNames = Object.keys(calls) as CallName[];
const photo = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4]);

async function failureOf(promise: Promise<unknown>) {
	const error = await promise.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!isDarkroomError(error)) throw new Error("the call did not fail with an error of the taxonomy", { cause: error });
	return error;
}

/** Everything that a logger could print of an error, through all its causes. */
function printed(error: unknown): string {
	let text = "";
	for (let link = error; link instanceof Error; link = link.cause) text += `${link.message}\n${link.stack}\n`;
	return text;
}

describe.each(wires)("a model of %s", (wire) => {
	test("writes a text, and is sent the key, the step's idempotency key and nothing twice", async () => {
		const before = server.requests.length;
		const { text } = await generateText({ model: bound(wire).prompt, prompt });
		expect(text).toBe(`Written by ${named[wire].text.split(":")[1]}.`);
		expect(server.requests).toHaveLength(before + 1);
		const { headers } = server.requests[before] as (typeof server.requests)[number];
		expect(headers["x-goog-api-key"] ?? headers.authorization).toContain(key);
		expect(headers["idempotency-key"]).toMatch(/^job1:draw-[0-9a-f]{16}$/);
	});

	test("answers in the shape that was asked for, and looks at the picture", async () => {
		const models = bound(wire);
		const { output } = await generateText({
			model: models.vision,
			messages: [
				{
					role: "user",
					content: [
						{ type: "text", text: prompt },
						{ type: "file", data: photo, mediaType: "image/jpeg" },
					],
				},
			],
			output: Output.object({ schema: z.object({ subject: z.enum(["person", "pet"]), tags: z.array(z.string()) }) }),
		});
		expect(["person", "pet"]).toContain(output.subject);
		expect(output.tags.length).toBeGreaterThan(0);
		expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(Buffer.from(photo).toString("base64"));
	});

	test("draws a picture from words", async () => {
		const { image } = await calls.picture(bound(wire));
		expect(image.mediaType).toBe("image/png");
		expect(image.uint8Array.length).toBeGreaterThan(50);
	});

	test("draws a picture from a reference photo, which is sent along", async () => {
		await calls.edit(bound(wire));
		const sent = server.requests.at(-1);
		const inForm = sent?.files.some((file) => Buffer.from(file.bytes).equals(Buffer.from(photo)));
		const inJson = JSON.stringify(sent?.body).includes(Buffer.from(photo).toString("base64"));
		expect(inForm || inJson).toBe(true);
	});

	const expected: readonly (readonly [Behaviour, ErrorCode, boolean])[] = [
		["throttled", "throttled", true],
		["moderated", "moderated", false],
		["garbage", "ambiguous", true],
		["empty", "ambiguous", true],
		["error", "outage", true],
		["drop", "outage", true],
		["truncate", "outage", true],
		["unauthorized", "misconfigured", false],
		["invalid", "invalid_input", false],
		["too-large", "invalid_input", false],
		...(wire === "google" ? [] : ([["quota", "misconfigured", false]] as const)),
	];
	describe.each(expected)("that answers with %s", (behaviour, code, retryable) => {
		test.each(callNames)(
			"fails %s with the right code after exactly one request, and tells no secret",
			async (name) => {
				const before = server.requests.length;
				server.behave(behaviour);
				const error = await failureOf(calls[name](bound(wire)));
				expect(error).toMatchObject({ code, retryable });
				expect(server.requests).toHaveLength(before + 1);
				expect(error.cause).toBeInstanceOf(Error);
				expect(error.detail).not.toContain("private thought");
				expect(printed(error)).not.toContain(key);
			},
		);
	});

	test.each(callNames)(
		"that never answers %s is given up when the job's signal aborts, with the signal's reason",
		async (name) => {
			const controller = new AbortController();
			server.behave("hang");
			const arrived = server.nextRequest();
			const call = calls[name](bound(wire, { signal: controller.signal }));
			const ended = call.then(
				() => undefined,
				(thrown: unknown) => thrown,
			);
			await arrived;
			const reason = new Error("the job was cancelled");
			controller.abort(reason);
			expect(await ended).toBe(reason);
			await server.gaveUp();
		},
	);
});

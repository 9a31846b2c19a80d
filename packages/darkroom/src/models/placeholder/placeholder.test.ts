import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateImage, generateText, Output } from "ai";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { isDarkroomError } from "../../core/errors.ts";
import { createModels } from "../create-models.ts";
import type { Models } from "../models.ts";

let photo: Uint8Array;
let otherPhoto: Uint8Array;

beforeAll(async () => {
	const drawing = (fill: string) =>
		Buffer.from(
			`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="#9cc4e4"/><circle cx="150" cy="100" r="80" fill="${fill}"/></svg>`,
		);
	photo = await sharp(drawing("#a0672c")).jpeg().toBuffer();
	otherPhoto = await sharp(drawing("#2c8f57")).jpeg().toBuffer();
});

function bound(options: { stepKey?: string; signal?: AbortSignal } = {}) {
	const { stepKey = "job1:step", signal = new AbortController().signal } = options;
	return createModels().bind(() => ({ signal, idempotencyKey: stepKey }));
}

const draw = async (prompt: string, options: Partial<Parameters<typeof generateImage>[0]> = {}) =>
	(await generateImage({ model: bound().image, prompt, ...options })).images.map((image) => image.uint8Array);

const edit = async (text: string, picture: Uint8Array) =>
	(await generateImage({ model: bound().image, prompt: { text, images: [picture] } })).image.uint8Array;

/** Mean difference of two pictures' pixels, 0 to 255. */
async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
	const raw = (bytes: Uint8Array) => sharp(bytes).resize(64, 64, { fit: "fill" }).removeAlpha().raw().toBuffer();
	const [a, b] = await Promise.all([raw(one), raw(other)]);
	return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] as number)), 0) / a.length;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
	const error = await promise.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	return isDarkroomError(error) ? error.code : "none";
}

describe("the picture drawn from words", () => {
	test("has the size or the aspect ratio that was asked for", async () => {
		const [sized] = await draw("a fox", { size: "320x200" });
		const [wide] = await draw("a fox", { aspectRatio: "16:9" });
		const [plain] = await draw("a fox");
		expect(await sharp(sized).metadata()).toMatchObject({ width: 320, height: 200 });
		expect(await sharp(wide).metadata()).toMatchObject({ width: 1024, height: 576 });
		expect(await sharp(plain).metadata()).toMatchObject({ width: 1024, height: 1024 });
	});

	test("is the same for the same words and another for others", async () => {
		const [first] = await draw("a rabbit in the forest", { size: "256x256" });
		const [again] = await draw("a rabbit in the forest", { size: "256x256" });
		const [other] = await draw("a whale in the sea", { size: "256x256" });
		expect(Buffer.from(again as Uint8Array).equals(Buffer.from(first as Uint8Array))).toBe(true);
		expect(await difference(first as Uint8Array, other as Uint8Array)).toBeGreaterThan(10);
	});

	test("comes as often as asked, each one different", async () => {
		const pictures = await draw("a bear", { n: 4, size: "128x128" });
		expect(new Set(pictures.map((picture) => Buffer.from(picture).toString("base64"))).size).toBe(4);
	});

	test("survives words that are no XML", async () => {
		const [picture] = await draw("</text>&<&amp; \u0000\u0008\uD800 'a' \"b\" ".repeat(20), { size: "128x128" });
		expect((await sharp(picture).metadata()).format).toBe("jpeg");
	});
});

describe("the picture drawn from a photo", () => {
	test.each(["a plush toy of the subject", "a nail design in gold", "a watercolour"])(
		"for %s is derived from it",
		async (text) => {
			const [mine, again, others] = [await edit(text, photo), await edit(text, photo), await edit(text, otherPhoto)];
			expect(await sharp(mine).metadata()).toMatchObject({ width: 1024, height: 1024 });
			expect(Buffer.from(again).equals(Buffer.from(mine))).toBe(true);
			expect(await difference(mine, others)).toBeGreaterThan(3);
			expect(await difference(mine, photo)).toBeGreaterThan(3);
		},
	);

	test("takes a photo of every common kind, turned or transparent, however small", async () => {
		const tiny = sharp({
			create: { width: 3, height: 2, channels: 4, background: { r: 200, g: 20, b: 20, alpha: 0.5 } },
		});
		for (const picture of [
			await tiny.clone().png().toBuffer(),
			await tiny.clone().webp().toBuffer(),
			await tiny.clone().flatten().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
			await tiny.clone().greyscale().png().toBuffer(),
		]) {
			expect((await sharp(await edit("a plush toy", picture)).metadata()).width).toBe(1024);
		}
	});

	test("is refused as bad input when the photo is none", async () => {
		expect(await codeOf(edit("a plush toy", new Uint8Array([1, 2, 3])))).toBe("invalid_input");
	});
});

describe("the answer about a photo", () => {
	const look = (picture: Uint8Array, text = "What is this?") =>
		generateText({
			model: bound().vision,
			output: Output.object({
				schema: z.object({
					subject: z.enum(["person", "pet", "other"]),
					description: z.string().max(600),
					features: z.array(z.string().max(120)).max(8),
				}),
			}),
			messages: [
				{
					role: "user",
					content: [
						{ type: "text", text },
						{ type: "file", data: picture, mediaType: "image/jpeg" },
					],
				},
			],
		}).then(({ output }) => output);

	test("names the colours that are really in it", async () => {
		const [brown, green] = [await look(photo), await look(otherPhoto)];
		expect(brown.description).toContain("brown");
		expect(green.description).toContain("green");
		expect(brown.description).toContain("landscape");
		expect(brown.features.length).toBeGreaterThan(2);
	});

	test("calls it a pet only when the words do, never by its colours", async () => {
		expect((await look(photo)).subject).toBe("person");
		expect((await look(otherPhoto)).subject).toBe("other");
		expect((await look(photo, "This is my puppy Bo")).subject).toBe("pet");
	});

	test("is the same each time", async () => {
		expect(await look(photo)).toEqual(await look(photo));
	});
});

describe("the story prompt", () => {
	const details =
		"Title: Pip and the Moon\nHero: Pip, a small rabbit\nAge group: 3 to 5\nSetting: a moonlit forest\nLength: 3 pages";

	test("is written from the details and without the directives", async () => {
		const { text } = await generateText({ model: bound().prompt, prompt: `${details}\nNotes: no wolves [slow:0s]` });
		for (const part of ["Pip and the Moon", "a small rabbit", "3 to 5", "a moonlit forest", "no wolves", "Page 3"]) {
			expect(text).toContain(part);
		}
		expect(text).not.toContain("Page 4");
		expect(text).not.toContain("[slow");
	});

	test("has as many pages as asked for when it is wanted in parts", async () => {
		const { output } = await generateText({
			model: bound().prompt,
			prompt: details,
			output: Output.object({
				schema: z.object({
					title: z.string(),
					pages: z.array(z.object({ text: z.string(), imagePrompt: z.string() })),
				}),
			}),
		});
		expect(output.title).toBe("Pip and the Moon");
		expect(output.pages).toHaveLength(3);
		expect(new Set(output.pages.map((page) => page.text)).size).toBe(3);
	});
});

describe("the answer to any other request", () => {
	const ask = async (prompt: string, system?: string) => {
		const instructions = system === undefined ? {} : { system };
		return (await generateText({ model: bound().prompt, prompt, ...instructions })).text;
	};

	test("is short, repeats the subject, and says that it is a placeholder's", async () => {
		const text = await ask("Write a haiku about rain. [slow:0s]");
		expect(text).toContain("something about rain.");
		expect(text).toContain("Write a haiku about rain.");
		expect(text).toContain("placeholder");
		expect(text).not.toMatch(/page|hero|picture|\[slow/i);
		expect(text.length).toBeLessThan(400);
	});

	test("is about what the user says, and stays short whatever that is", async () => {
		expect(await ask("Sum up: the cat sat on the mat.", "You write about taxes.")).toContain("the cat sat on the mat");
		expect(await ask("Write a haiku about snow", "You write about taxes.")).not.toContain("taxes");
		expect((await ask(`Write about ${"very ".repeat(5_000)}long words`)).length).toBeLessThan(600);
		expect(await ask("?")).toContain("placeholder");
	});

	test("is the same each time, and another for other words", async () => {
		expect(await ask("Describe the sea")).toBe(await ask("Describe the sea"));
		expect(await ask("Describe the sea")).not.toBe(await ask("Describe the wood"));
	});
});

describe("a directive in the prompt", () => {
	const write = (prompt: string, stepKey?: string) =>
		generateText({ model: bound(stepKey === undefined ? {} : { stepKey }).prompt, prompt });

	test("[fail] fails on every try", async () => {
		const models = bound();
		for (let attempt = 0; attempt < 4; attempt++) {
			expect(await codeOf(generateText({ model: models.prompt, prompt: "a story [fail]" }))).toBe("outage");
		}
		expect(await codeOf(draw("a fox [FAIL]"))).toBe("outage");
	});

	test("[flaky:2] fails two tries of a step and then works, each step for itself", async () => {
		const models = createModels();
		const attempt = (stepKey: string) =>
			codeOf(
				generateText({
					model: models.bind(() => ({ signal: new AbortController().signal, idempotencyKey: stepKey })).prompt,
					prompt: "a story [flaky:2]",
				}),
			);
		const outcomes: string[] = [];
		for (const step of ["one", "one", "two", "one", "two", "two"]) outcomes.push(`${step} ${await attempt(step)}`);
		expect(outcomes).toEqual(["one outage", "one outage", "two outage", "one none", "two outage", "two none"]);
	});

	test("[moderated] is refused and not tried again", async () => {
		expect(await codeOf(write("a story [moderated]"))).toBe("moderated");
		expect(await codeOf(draw("a fox [moderated]"))).toBe("moderated");
	});

	test("[garbage] answers what is neither JSON nor a picture", async () => {
		const structured = generateText({
			model: bound().prompt,
			prompt: "a story [garbage]",
			output: Output.object({ schema: z.object({ title: z.string() }) }),
		}).then(({ output }) => output);
		const error = await structured.then(
			() => undefined,
			(thrown: unknown) => thrown,
		);
		expect(createModels().classify(error).code).toBe("ambiguous");
		const [bytes] = await draw("a fox [garbage]");
		await expect(sharp(bytes).metadata()).rejects.toThrow();
	});

	test("[slow:5m] waits, and the job's signal ends the wait", async () => {
		const controller = new AbortController();
		const reason = new Error("the job was cancelled");
		const waiting = generateText({ model: bound({ signal: controller.signal }).prompt, prompt: "a story [slow:5m]" });
		queueMicrotask(() => controller.abort(reason));
		await expect(waiting).rejects.toBe(reason);
	});

	test("[gate] is not answered until the gate is open, and nothing waits where there is none", async () => {
		const folder = mkdtempSync(join(tmpdir(), "darkroom-gate-"));
		const gate = join(folder, "open");
		const ask = (models: Models, signal = new AbortController().signal) =>
			generateText({
				model: models.bind(() => ({ signal, idempotencyKey: "job1:step" })).prompt,
				prompt: "a story [gate]",
			});
		try {
			const gated = createModels({ placeholder: { gate } });
			const controller = new AbortController();
			const cancelled = expect(ask(gated, controller.signal)).rejects.toBe("the job was cancelled");
			let isAnswered = false;
			const answer = ask(gated).then(({ text }) => {
				isAnswered = true;
				return text;
			});
			const { text } = await ask(createModels());
			controller.abort("the job was cancelled");
			await cancelled;
			expect(isAnswered).toBe(false);
			writeFileSync(gate, "");
			expect(await answer).toBe(text);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});

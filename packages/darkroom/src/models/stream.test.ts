import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { streamText } from "ai";
import { describe, expect, test } from "vitest";
import { isDarkroomError } from "../core/errors.ts";
import { createModels } from "./create-models.ts";
import { createPlaceholderLanguageModel } from "./placeholder/language-model.ts";
import { createObey } from "./placeholder/obey.ts";

const usage = {
	inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
	outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A model of an app's own that streams what it is given. */
function streaming(stream: ReadableStream<LanguageModelV4StreamPart>): LanguageModelV4 {
	return { ...createPlaceholderLanguageModel("own", createObey(0)), doStream: async () => ({ stream }) };
}

function bound(prompt: LanguageModelV4 | undefined, signal: AbortSignal = new AbortController().signal) {
	return createModels({ prompt }).bind(() => ({ signal, idempotencyKey: "job1:write" })).prompt;
}

function parts(...list: LanguageModelV4StreamPart[]): ReadableStream<LanguageModelV4StreamPart> {
	return new ReadableStream({
		start(controller) {
			for (const part of list) controller.enqueue(part);
			controller.close();
		},
	});
}
const options = { prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "hello" }] }] };

async function read(model: LanguageModelV4): Promise<LanguageModelV4StreamPart[]> {
	const { stream } = await model.doStream(options);
	const read: LanguageModelV4StreamPart[] = [];
	for await (const part of stream) read.push(part);
	return read;
}

describe("a streamed answer", () => {
	test("arrives through the AI SDK piece by piece and whole", async () => {
		const { textStream } = streamText({ model: bound(undefined), prompt: "Title: The Brave Boat" });
		const pieces: string[] = [];
		for await (const piece of textStream) pieces.push(piece);
		expect(pieces.length).toBeGreaterThan(5);
		expect(pieces.join("")).toContain("The Brave Boat");
	});

	test("that is refused ends with an error of the taxonomy", async () => {
		const stream = parts(
			{ type: "text-start", id: "1" },
			{ type: "finish", finishReason: { unified: "content-filter", raw: "SAFETY" }, usage },
		);
		const error = (await read(bound(streaming(stream)))).find((part) => part.type === "error")?.error;
		expect(isDarkroomError(error, "moderated")).toBe(true);
	});

	test("that reports an error reports one of the taxonomy", async () => {
		const cause = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
		const error = (await read(bound(streaming(parts({ type: "error", error: cause }))))).find(
			(part) => part.type === "error",
		)?.error;
		expect(error).toMatchObject({ code: "outage", cause });
	});

	test("that breaks off throws an error of the taxonomy", async () => {
		const cause = Object.assign(new Error("terminated"), { code: "UND_ERR_SOCKET" });
		const stream = new ReadableStream<LanguageModelV4StreamPart>({
			pull: (controller) => controller.error(cause),
		});
		await expect(read(bound(streaming(stream)))).rejects.toMatchObject({ code: "outage", cause });
	});

	test("that never ends is closed when the job's signal aborts, with the signal's reason", async () => {
		const controller = new AbortController();
		const reason = new Error("the job was cancelled");
		let cancelled: unknown;
		const endless = new ReadableStream<LanguageModelV4StreamPart>(
			{
				// Pulled by the first read: the answer has begun and nothing of it ever comes.
				pull: () => controller.abort(reason),
				cancel: (given) => {
					cancelled = given;
				},
			},
			{ highWaterMark: 0 },
		);
		await expect(read(bound(streaming(endless), controller.signal))).rejects.toBe(reason);
		expect(cancelled).toBe(reason);
	});
});
